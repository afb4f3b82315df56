/** Halves of characters, control characters and code points that never are characters. */
const unclean = /[\p{Cs}\p{Cc}\p{Noncharacter_Code_Point}]/gu;

/**
 * `text` with a space for everything that XML, and so a spoken text, may not carry: half an emoji, control characters,
 * U+FFFE and the like. The result is well-formed.
 */
export function cleaned(text: string): string {
  return text.replace(unclean, ' ');
}

/** The same of a text of several lines, which keeps them. */
export function cleanedLines(text: string): string {
  return text.replace(unclean, (found) => (/[\t\n\r]/.test(found) ? found : ' '));
}

/** True for a text of one or more lines that can be said, stored and shown as it is. */
export function isClean(text: string): boolean {
  const oneLine = text.replace(/[\t\n\r]/g, ' ');
  return cleaned(oneLine) === oneLine;
}
