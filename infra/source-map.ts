/** A source map as esbuild writes it (version 3). */
export interface SourceMap {
  version: number;
  sources: string[];
  names: string[];
  mappings: string;
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const digitOf = new Uint8Array(128);
for (const [digit, letter] of Array.from(alphabet).entries()) digitOf[letter.charCodeAt(0)] = digit;

/** Numbers of a mapping in their order: column of the output, source, line, column, name. */
type Segment = [column: number, source: number, line: number, sourceColumn: number, name: number];

/**
 * The same map without what `keeps` does not name. Node reads a map whenever it loads the code, and the packages are most
 * of a bundle; their part of a stack trace stays as it is in the bundle.
 */
export function keepSources(map: SourceMap, keeps: (source: string) => boolean): SourceMap {
  const sources = new Renumbered(map.sources);
  const names = new Renumbered(map.names);
  const kept = map.sources.map(keeps);
  const written: Segment = [0, 0, 0, 0, 0];
  const read: Segment = [0, 0, 0, 0, 0];
  const lines = map.mappings.split(';').map((line) => {
    read[0] = 0;
    written[0] = 0;
    let isMapped = false;
    let text = '';
    const write = (values: readonly number[]) => {
      text += text === '' ? '' : ',';
      for (const [index, value] of values.entries()) {
        text += encoded(value - (written[index] ?? 0));
        written[index] = value;
      }
    };
    for (const segment of line === '' ? [] : line.split(',')) {
      const fields = decodeOnto(read, segment);
      const [column, source, sourceLine, sourceColumn, name] = read;
      const isOurs = fields > 1 && kept[source] === true;
      if (isOurs) {
        const named = fields > 4 ? [names.at(name)] : [];
        write([column, sources.at(source), sourceLine, sourceColumn, ...named]);
      } else if (isMapped) write([column]);
      isMapped = isOurs;
    }
    return text;
  });
  return { version: map.version, sources: sources.used, names: names.used, mappings: lines.join(';') };
}

/** What of a list is used, numbered anew. */
class Renumbered {
  readonly used: string[] = [];
  readonly #all: readonly string[];
  readonly #numbers = new Map<number, number>();

  constructor(all: readonly string[]) {
    this.#all = all;
  }

  at(index: number): number {
    const known = this.#numbers.get(index);
    if (known !== undefined) return known;
    this.#numbers.set(index, this.used.length);
    return this.used.push(this.#all[index] ?? '') - 1;
  }
}

/** Adds the differences of a segment to the numbers before it, and answers how many it has. */
function decodeOnto(before: Segment, segment: string): number {
  let [field, value, shift] = [0, 0, 0];
  for (let at = 0; at < segment.length; at += 1) {
    const digit = digitOf[segment.charCodeAt(at)] ?? 0;
    value += (digit & 31) << shift;
    shift += 5;
    if (digit & 32) continue;
    before[field] = (before[field] ?? 0) + (value & 1 ? -(value >> 1) : value >> 1);
    [field, value, shift] = [field + 1, 0, 0];
  }
  return field;
}

function encoded(difference: number): string {
  let rest = difference < 0 ? (-difference << 1) | 1 : difference << 1;
  let text = '';
  do {
    const digit = rest & 31;
    rest >>>= 5;
    text += alphabet[rest > 0 ? digit | 32 : digit];
  } while (rest > 0);
  return text;
}
