import { expect, test } from 'vitest';
import { eventPattern } from '#infra/local/event-pattern.ts';

const record = { eventName: 'INSERT', dynamodb: { NewImage: { entity: { S: 'call' }, tags: ['a', 'b'] } } };

test.each([
  [{ eventName: ['INSERT'] }, true],
  [{ eventName: ['REMOVE', 'MODIFY'] }, false],
  [{ dynamodb: { NewImage: { entity: { S: ['call', 'payment'] } } } }, true],
  [{ dynamodb: { NewImage: { entity: { S: ['payment'] } } } }, false],
  [{ dynamodb: { OldImage: { entity: { S: ['call'] } } } }, false],
  [{ dynamodb: { OldImage: [{ exists: false }] } }, true],
  [{ dynamodb: { NewImage: { entity: { S: [{ prefix: 'ca' }] } } } }, true],
  [{ dynamodb: { NewImage: { entity: { S: [{ 'anything-but': ['call'] }] } } } }, false],
  [{ dynamodb: { NewImage: { tags: ['b'] } } }, true],
  [{ $or: [{ eventName: ['REMOVE'] }, { eventName: ['INSERT'] }] }, true],
  [{ eventName: ['INSERT'], dynamodb: { NewImage: { entity: { S: ['payment'] } } } }, false],
])('%j matches: %s', (pattern, expected) => {
  expect(eventPattern(pattern)(record)).toBe(expected);
});

test('an unknown operator is an error that shows it', () => {
  expect(() => eventPattern({ size: [{ numeric: ['>', 0] }] })).toThrow(/does not know the filter .*numeric/);
});
