/** Collects attribute names and values of an expression and hands out their placeholders. */
export class Binder {
  readonly names: Record<string, string> = {};
  readonly values: Record<string, unknown> = {};

  /** Placeholder of an attribute; dots lead into maps. */
  name(path: string): string {
    return path
      .split('.')
      .map((part) => {
        const known = Object.entries(this.names).find(([, name]) => name === part);
        if (known !== undefined) return known[0];
        const placeholder = `#n${Object.keys(this.names).length}`;
        this.names[placeholder] = part;
        return placeholder;
      })
      .join('.');
  }

  value(value: unknown): string {
    const placeholder = `:v${Object.keys(this.values).length}`;
    this.values[placeholder] = value;
    return placeholder;
  }
}

/** A condition on an item as it stands in the table. */
export type Condition = (bind: Binder) => string;

export const absent =
  (path: string): Condition =>
  (bind) =>
    `attribute_not_exists(${bind.name(path)})`;

export const present =
  (path: string): Condition =>
  (bind) =>
    `attribute_exists(${bind.name(path)})`;

export const equals =
  (path: string, value: unknown): Condition =>
  (bind) =>
    `${bind.name(path)} = ${bind.value(value)}`;

export const differs =
  (path: string, value: unknown): Condition =>
  (bind) =>
    `${bind.name(path)} <> ${bind.value(value)}`;

export const below =
  (path: string, value: unknown): Condition =>
  (bind) =>
    `${bind.name(path)} < ${bind.value(value)}`;

/** True when the set holds fewer than so many elements; false when it is missing. */
export const sizeBelow =
  (path: string, size: number): Condition =>
  (bind) =>
    `size(${bind.name(path)}) < ${bind.value(size)}`;

/** True when the set holds the element. */
export const has =
  (path: string, element: string): Condition =>
  (bind) =>
    `contains(${bind.name(path)}, ${bind.value(element)})`;

export const every =
  (...conditions: Condition[]): Condition =>
  (bind) =>
    joined(conditions, ' AND ', bind);

export const either =
  (...conditions: Condition[]): Condition =>
  (bind) =>
    joined(conditions, ' OR ', bind);

/** DynamoDB refuses parentheses that are not needed. */
function joined(conditions: Condition[], operator: string, bind: Binder): string {
  const [first, ...more] = conditions.map((condition) => condition(bind));
  return more.length === 0 ? (first ?? '') : `(${[first, ...more].join(operator)})`;
}

/** What an update does to an item; every part is optional. */
export interface Changes {
  /** Written whatever stands there. */
  set?: Record<string, unknown>;
  /** Written only where nothing stands yet, so that repetitions change nothing. */
  setOnce?: Record<string, unknown>;
  /** Added to numbers, or put into sets. */
  add?: Record<string, number | Set<string>>;
  remove?: string[];
}

/** The update expression of `changes`; undefined values are left out. */
export function updateExpression(changes: Changes, bind: Binder): string {
  const given = (values: Record<string, unknown> = {}) =>
    Object.entries(values).filter(([, value]) => value !== undefined);
  const set = [
    ...given(changes.set).map(([path, value]) => `${bind.name(path)} = ${bind.value(value)}`),
    ...given(changes.setOnce).map(([path, value]) => {
      const name = bind.name(path);
      return `${name} = if_not_exists(${name}, ${bind.value(value)})`;
    }),
  ];
  const add = given(changes.add).map(([path, value]) => `${bind.name(path)} ${bind.value(value)}`);
  const remove = (changes.remove ?? []).map((path) => bind.name(path));
  return [
    set.length > 0 ? `SET ${set.join(', ')}` : '',
    add.length > 0 ? `ADD ${add.join(', ')}` : '',
    remove.length > 0 ? `REMOVE ${remove.join(', ')}` : '',
  ]
    .filter((clause) => clause !== '')
    .join(' ');
}
