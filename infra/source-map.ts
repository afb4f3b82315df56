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

const [comma, semicolon] = [44, 59];

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
  const read: Segment = [0, 0, 0, 0, 0];
  const written: Segment = [0, 0, 0, 0, 0];
  let mappings = '';
  let isLineBegun = false;
  let isMapped = false;
  const write = (...values: number[]) => {
    if (isLineBegun) mappings += ',';
    isLineBegun = true;
    for (const [index, value] of values.entries()) {
      mappings += encoded(value - (written[index] ?? 0));
      written[index] = value;
    }
  };
  const writeWhatWasRead = (fields: number) => {
    const [column, source, line, sourceColumn, name] = read;
    const isOurs = fields > 1 && kept[source] === true;
    if (isOurs) {
      const named = fields > 4 ? [names.at(name)] : [];
      write(column, sources.at(source), line, sourceColumn, ...named);
    } else if (isMapped) write(column);
    isMapped = isOurs;
  };
  // One pass over the text, character by character: the maps of all functions are many megabytes.
  let [field, value, shift] = [0, 0, 0];
  for (let at = 0; at <= map.mappings.length; at += 1) {
    const code = at < map.mappings.length ? map.mappings.charCodeAt(at) : comma;
    if (code === comma || code === semicolon) {
      if (field > 0) writeWhatWasRead(field);
      field = 0;
      if (code === comma) continue;
      mappings += ';';
      isLineBegun = false;
      [read[0], written[0]] = [0, 0];
      continue;
    }
    const digit = digitOf[code] ?? 0;
    value += (digit & 31) << shift;
    shift += 5;
    if (digit & 32) continue;
    read[field] = (read[field] ?? 0) + (value & 1 ? -(value >> 1) : value >> 1);
    [field, value, shift] = [field + 1, 0, 0];
  }
  return { version: map.version, sources: sources.used, names: names.used, mappings };
}

/**
 * The code of a package with a map of its own, which the bundler follows, that knows of each statement at the top level
 * only that it begins: enough for `keepSources` to see where in a bundle our own code ends.
 */
export function withCoarseMap(code: string): string {
  const lines = code.split('\n').map((line) => (/^[^\s})\]/*]/.test(line) ? 'AAAA' : ''));
  const map = { version: 3, sources: [''], names: [], mappings: lines.join(';') };
  const written = Buffer.from(JSON.stringify(map)).toString('base64');
  return `${code.replaceAll('sourceMappingURL=', '')}\n//# sourceMappingURL=data:application/json;base64,${written}`;
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
