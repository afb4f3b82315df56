import { readFileSync } from 'node:fs';

/** A fenced block of code. */
export interface CodeBlock {
  /** The first word after the fence: `sh`, `js`. */
  language: string;
  /** The rest of that line: `aws` for commands that need an account. */
  needs: string;
  code: string;
  /** Line of the file on which the code begins, from 1. */
  line: number;
}

const fenced = /^( *)```([a-z]+)(?: ([^\n]*))?\n([\s\S]*?)^ *```$/gm;

/** The blocks of code of a Markdown file, in their order; indented ones, of lists, without their indentation. */
export function codeBlocks(file: URL): CodeBlock[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(fenced)].map(
    ({ 1: indent = '', 2: language = '', 3: needs = '', 4: code = '', index }) => ({
      language,
      needs,
      code: code.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
      line: text.slice(0, index).split('\n').length + 1,
    }),
  );
}
