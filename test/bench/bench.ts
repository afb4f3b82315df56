import { readFileSync, writeFileSync } from 'node:fs';
import { readCommandLine } from '#infra/command-line.ts';
import { bundleFigures } from './bundles.ts';
import { callFigures } from './calls.ts';
import { type Figure, table } from './figure.ts';
import { loadFigures } from './load.ts';
import { costPart, countedPart, figuresTable, machine, pageOf } from './performance-page.ts';
import { systemFigures } from './system.ts';

// Measures all parts, or those that are named; with --write what they say goes into docs/performance.md, and what they
// don't say stays as it stands there.
interface Part {
  title: string;
  /** Its figures, and the sections of the page by their names, if they are not just these figures. */
  measure(): Promise<{ figures: Figure[]; sections?: Record<string, string> }>;
}

const parts: Readonly<Record<string, Part>> = {
  bundles: {
    title: 'Bundles (size minified; init = whole process against bare node, median of 15 pairs)',
    measure: async () => ({ figures: await bundleFigures() }),
  },
  calls: {
    title: 'One call (recorded on the local stack)',
    async measure() {
      const { figures, counted, timed } = await callFigures();
      return { figures, sections: { counted: countedPart(counted), cost: costPart(timed, machine()) } };
    },
  },
  system: {
    title: 'The whole system on this machine',
    measure: async () => ({ figures: await systemFigures() }),
  },
  load: { title: '2,000 calls, 20 at once', measure: async () => ({ figures: await loadFigures() }) },
};

const page = new URL('../../docs/performance.md', import.meta.url);
const usage = `Usage: npm run bench -- [${Object.keys(parts).join(' | ')}] [--write]

Measures all parts, or those that are named; with --write, docs/performance.md gets the figures.`;
const line = asked();
if (line === 'help') {
  console.log(usage);
  process.exit();
}
const {
  words: wanted,
  values: { write: isWriting = false },
} = line;
let missed = 0;
for (const [name, { title, measure }] of Object.entries(parts)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const { figures, sections = { [name]: figuresTable(title, machine(), figures) } } = await measure();
  console.log(table(title, figures));
  for (const section of Object.values(name === 'calls' ? sections : {})) console.log(`\n${section}`);
  if (isWriting) writeFileSync(page, pageOf(readFileSync(page, 'utf8'), sections));
  missed += figures.filter(({ reached }) => reached === false).length;
}
if (missed > 0) console.log(`\n${missed} target(s) missed.`);

function asked() {
  try {
    const read = readCommandLine({
      typed: 'npm run bench',
      usage,
      options: { write: { type: 'boolean' } },
      wordsMax: Object.keys(parts).length,
    });
    const unknown = read === 'help' ? undefined : read.words.find((name) => !(name in parts));
    if (unknown !== undefined) throw new Error(`There is no part "${unknown}".\n\n${usage}`);
    return read;
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    return process.exit(2);
  }
}
