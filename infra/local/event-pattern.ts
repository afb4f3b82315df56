type Test = (value: unknown) => boolean;

/**
 * Compiles a filter pattern of an event source mapping (EventBridge's language).
 * @throws Error naming the operator, when the local stack does not know it.
 */
export function eventPattern(pattern: unknown): Test {
  if (Array.isArray(pattern)) {
    const tests = pattern.map(leaf);
    // A list in the event matches when one of its members does.
    return (value) => tests.some((test) => (Array.isArray(value) ? value.some(test) : test(value)));
  }
  const members = Object.entries(pattern as Record<string, unknown>).map(([key, inner]): Test => {
    if (key === '$or') {
      const choices = (inner as unknown[]).map(eventPattern);
      return (value) => choices.some((choice) => choice(value));
    }
    const test = eventPattern(inner);
    return (value) => test((value as Record<string, unknown> | undefined)?.[key]);
  });
  return (value) => members.every((member) => member(value));
}

function leaf(rule: unknown): Test {
  if (typeof rule !== 'object' || rule === null) return (value) => value === rule;
  const [operator, operand] = Object.entries(rule)[0] ?? [];
  switch (operator) {
    case 'exists':
      return (value) => (value !== undefined) === operand;
    case 'prefix':
      return (value) => typeof value === 'string' && value.startsWith(String(operand));
    case 'suffix':
      return (value) => typeof value === 'string' && value.endsWith(String(operand));
    case 'equals-ignore-case':
      return (value) => typeof value === 'string' && value.toLowerCase() === String(operand).toLowerCase();
    case 'anything-but':
      return (value) => value !== undefined && ![operand].flat().includes(value);
    default:
      throw new Error(`The local stack does not know the filter ${JSON.stringify(rule)}.`);
  }
}
