import { expect, test } from 'vitest';
import { FunctionLog } from '#infra/local/function-log.ts';

test('each line is told, counted, and shown with what its JSON means', () => {
  const heard: string[] = [];
  const log = new FunctionLog((functionId, text) => heard.push(`${functionId} ${text}`));

  log.add('calls.answerCall', '{"level":"INFO"}\nplain text\n');
  log.add('pool.auditPool', '{"level":"WARN"}\n');

  expect(heard).toEqual([
    'calls.answerCall {"level":"INFO"}',
    'calls.answerCall plain text',
    'pool.auditPool {"level":"WARN"}',
  ]);
  expect(log.entries()).toEqual([
    { n: 1, function: 'calls.answerCall', line: { level: 'INFO' } },
    { n: 2, function: 'calls.answerCall', line: 'plain text' },
    { n: 3, function: 'pool.auditPool', line: { level: 'WARN' } },
  ]);
});

test.each([
  ['of one function', { function: 'b.two' }, [2, 4]],
  ['after a line', { after: 3 }, [4]],
  ['that name something', { contains: 'call_1' }, [1, 4]],
  ['at most so many, the newest', { limit: 2 }, [3, 4]],
  ['of a function that printed nothing', { function: 'c.three' }, []],
])('lines %s are found', (_what, filter, expected) => {
  const log = new FunctionLog();
  log.add('a.one', 'call_1 rings');
  log.add('b.two', 'call_2 rings');
  log.add('a.one', 'call_2 ends');
  log.add('b.two', 'call_1 ends');

  expect(log.entries(filter).map(({ n }) => n)).toEqual(expected);
});

test('the oldest lines go first, and the count goes on', () => {
  const log = new FunctionLog();
  for (let n = 0; n < 30_000; n += 1) log.add('a.one', 'x');

  const [first] = log.entries();
  expect(log.entries().length).toBeLessThanOrEqual(20_000);
  expect(log.entries({ limit: 1 })).toMatchObject([{ n: 30_000 }]);
  expect(first?.n).toBeGreaterThan(1);
});

test('what was printed before is forgotten on demand', () => {
  const log = new FunctionLog();
  log.add('a.one', 'x');
  log.forget();

  expect(log.entries()).toEqual([]);
  expect(log.lines()).toEqual([]);
});
