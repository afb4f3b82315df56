import { inspect, isDeepStrictEqual, styleText } from 'node:util';

/** The system answered something else than the story says. */
export class Difference extends Error {
  readonly expected: unknown;
  readonly got: unknown;

  constructor(what: string, expected: unknown, got: unknown) {
    super(what);
    this.name = 'Difference';
    this.expected = expected;
    this.got = got;
  }
}

const actorWidth = 9;
// Sign, time and actor, with two spaces behind each.
const indent = ' '.repeat('  ✓  00:00:00  '.length + actorWidth + 2);
const bubbleWidth = 56;

/** Prints what happens, when, and whose doing it was. Colours only where a terminal shows them (see styleText). */
export class Timeline {
  readonly #print: (line: string) => void;
  readonly #clock: Intl.DateTimeFormat;
  #checks = 0;

  constructor(timeZone: string, print: (line: string) => void) {
    this.#print = print;
    this.#clock = new Intl.DateTimeFormat('en-GB', { timeZone, timeStyle: 'medium' });
  }

  get checks(): number {
    return this.#checks;
  }

  /** @throws Difference unless both are alike to the last detail. */
  check(what: string, got: unknown, expected: unknown): void {
    if (!isDeepStrictEqual(got, expected)) throw new Difference(what, expected, got);
    this.#checks += 1;
  }

  title(text: string): void {
    this.#print(styleText('bold', text));
  }

  note(text = ''): void {
    this.#print(styleText('dim', text));
  }

  scene(text: string): void {
    this.#print(`\n  ${styleText(['bold', 'cyan'], text)}\n`);
  }

  /** Something that happened and that the API confirms; `more` are lines below it. */
  step(at: Date, actor: string, what: string, ...more: string[]): void {
    const time = styleText('dim', this.#clock.format(at));
    const name = styleText('bold', actor.padEnd(actorWidth));
    this.#print(`  ${styleText('green', '✓')}  ${time}  ${name}  ${what}`);
    for (const line of more) this.#print(indent + line);
  }

  /** A text message as its reader sees it. */
  bubble(text: string): void {
    for (const line of wrapped(text, bubbleWidth))
      this.#print(`${indent}${styleText('yellow', '│')} ${line}`);
  }

  /** Two columns of figures. */
  figures(rows: readonly (readonly [string, string])[]): void {
    const names = Math.max(...rows.map(([name]) => name.length));
    const values = Math.max(...rows.map(([, value]) => value.length));
    for (const [name, value] of rows)
      this.#print(`${indent}${name.padEnd(names)}  ${styleText('bold', value.padStart(values))}`);
  }

  difference({ message, expected, got }: Difference): void {
    const shown = (value: unknown) =>
      inspect(value, { depth: 6, breakLength: 90 }).replaceAll('\n', `\n${' '.repeat(15)}`);
    this.#print(`\n  ${styleText('red', '✗')}  ${styleText('bold', message)}`);
    this.#print(`     expected  ${shown(expected)}`);
    this.#print(`     got       ${shown(got)}`);
  }
}

/** Lines of at most `width` characters, broken between words; a longer word, such as a link, stays whole. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= width) lines.push(`${lines.pop()} ${word}`);
    else lines.push(word);
  }
  return lines;
}
