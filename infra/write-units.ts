/** A value as DynamoDB's wire format has it: `{ S: 'text' }`, `{ N: '5' }`, `{ M: { ... } }`. */
export type StoredValue = Readonly<Record<string, unknown>>;
export type StoredItem = Readonly<Record<string, StoredValue>>;

/** An index as far as its writes are concerned. */
export interface IndexShape {
  name: string;
  keyNames: readonly string[];
  /** Every attribute that the index holds: its keys, the table's keys, and what is projected. */
  projected: readonly string[];
}

/** One write of an item; `before` and `after` are equal when its condition failed or it changed nothing. */
export interface ItemWrite {
  before: StoredItem | undefined;
  after: StoredItem | undefined;
  /** Part of a transaction, or a condition check in one. */
  inTransaction: boolean;
}

export interface WriteUnits {
  table: number;
  /** By name of the index; only those that were written. */
  indexes: Readonly<Record<string, number>>;
}

const unitBytes = 1024;
const readUnitBytes = 4096;

/**
 * Write request units of a write, by AWS's rules: a unit for each started KB of the larger image, twice that in a
 * transaction; and in each index a unit for each started KB of the entry that is put or deleted there, both when its key
 * changes. Indexes follow after the transaction, so that theirs are not doubled.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html#GSI.ThroughputConsiderations.Writes
 */
export function writeUnits(
  { before, after, inTransaction }: ItemWrite,
  indexes: readonly IndexShape[],
): WriteUnits {
  const bytes = Math.max(bytesOf(before), bytesOf(after));
  const written = indexes
    .map((index) => [index.name, indexUnits(index, before, after)] as const)
    .filter(([, units]) => units > 0);
  return { table: started(bytes, unitBytes) * (inTransaction ? 2 : 1), indexes: Object.fromEntries(written) };
}

export function totalUnits({ table, indexes }: WriteUnits): number {
  return Object.values(indexes).reduce((sum, units) => sum + units, table);
}

/** Read request units of so many bytes that were read at once; half of it when the read may be behind the writes. */
export function readUnits(bytes: number, isConsistent: boolean): number {
  return started(bytes, readUnitBytes) * (isConsistent ? 1 : 0.5);
}

/** How large DynamoDB takes an item to be, in bytes. */
export function bytesOf(item: StoredItem | undefined): number {
  return item === undefined ? 0 : namedBytes(item);
}

function indexUnits(
  index: IndexShape,
  before: StoredItem | undefined,
  after: StoredItem | undefined,
): number {
  const was = entryOf(index, before);
  const is = entryOf(index, after);
  if (was === undefined && is === undefined) return 0;
  if (was === undefined || is === undefined) return started(bytesOf(was ?? is), unitBytes);
  const sameKey = index.keyNames.every((name) => sameValue(was[name], is[name]));
  if (!sameKey) return started(bytesOf(was), unitBytes) + started(bytesOf(is), unitBytes);
  const isUnchanged = index.projected.every((name) => sameValue(was[name], is[name]));
  return isUnchanged ? 0 : started(Math.max(bytesOf(was), bytesOf(is)), unitBytes);
}

/** What the index holds of an item; undefined of one without its keys. */
function entryOf({ keyNames, projected }: IndexShape, item: StoredItem | undefined): StoredItem | undefined {
  if (item === undefined || keyNames.some((name) => item[name] === undefined)) return undefined;
  return Object.fromEntries(
    projected.flatMap((name) => (item[name] === undefined ? [] : [[name, item[name]]])),
  );
}

function started(bytes: number, size: number): number {
  return Math.max(1, Math.ceil(bytes / size));
}

function namedBytes(named: StoredItem): number {
  return Object.entries(named).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + valueBytes(value),
    0,
  );
}

/** A list or map takes 3 bytes, and one for each of its elements. */
function valueBytes(stored: StoredValue): number {
  const [[type, value] = ['NULL', true]] = Object.entries(stored);
  switch (type) {
    case 'S':
      return Buffer.byteLength(String(value));
    case 'N':
      return numberBytes(String(value));
    case 'B':
      return Buffer.from(String(value), 'base64').byteLength;
    case 'BOOL':
    case 'NULL':
      return 1;
    case 'SS':
    case 'NS':
    case 'BS':
      return (value as string[]).reduce((sum, one) => sum + valueBytes({ [type.slice(0, 1)]: one }), 0);
    case 'L':
      return (value as StoredValue[]).reduce((sum, one) => sum + 1 + valueBytes(one), 3);
    case 'M':
      return 3 + Object.keys(value as StoredItem).length + namedBytes(value as StoredItem);
    default:
      throw new Error(`DynamoDB has no values of the type ${type}`);
  }
}

/** A byte for two significant digits, one more, and one for a sign. */
function numberBytes(text: string): number {
  const [mantissa = ''] = text.toLowerCase().split('e');
  const digits = mantissa.replace(/[-+.]/g, '').replace(/^0+|0+$/g, '');
  return Math.ceil(digits.length / 2) + 1 + (text.startsWith('-') ? 1 : 0);
}

/** True for values that are written alike; the order of a map's names and of a set's members is not told apart by DynamoDB. */
function sameValue(a: unknown, b: unknown): boolean {
  return JSON.stringify(ordered(a)) === JSON.stringify(ordered(b));
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([x], [y]) => (x < y ? -1 : 1));
  return Object.fromEntries(
    entries.map(([name, one]) => [name, /^[SNB]S$/.test(name) ? (one as string[]).toSorted() : ordered(one)]),
  );
}
