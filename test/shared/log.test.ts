// A process of its own: the lines of the log are looked at, and the logger reads its level when it is made.
import { expect, test, vi } from 'vitest';
import { Failure } from '#shared/failure.ts';
import { log } from '#shared/log.ts';
import { ConditionFailed } from '#shared/table/client.ts';
import { capturedOutput } from '#test/support/captured-output.ts';

vi.hoisted(() => {
  process.env.POWERTOOLS_LOG_LEVEL = 'INFO';
});

const canary = 'canary-that-sings';
const line = async (write: () => void) =>
  JSON.parse(await capturedOutput(write)) as Record<string, unknown> & { error: Record<string, unknown> };

/** An error as the HTTP client of Twilio's library makes it. */
function httpError(): Error {
  const config = { headers: { Authorization: `Basic ${canary}` }, data: canary };
  const members = { code: 'ECONNABORTED', config, request: { canary }, toJSON: () => ({ config }) };
  return Object.assign(new Error('timeout of 5000ms exceeded'), { name: 'AxiosError' }, members);
}

test.each([
  ['the error of an HTTP client', httpError()],
  [
    'one that is the cause of a failure',
    new Failure('TWILIO_UNAVAILABLE', undefined, { cause: httpError() }),
  ],
  ['one that is the cause of a cause', new Error('a', { cause: new Error('b', { cause: httpError() }) })],
  ['one of several', new AggregateError([httpError(), httpError()], 'all failed')],
  ['a condition of the table that failed', new ConditionFailed({ pk: canary }, 0, httpError())],
  ['a cause that is no error', new Error('a', { cause: { canary } })],
])('%s leaves nothing of its request or item in the log, wherever it stands', async (_what, error) => {
  const output = await capturedOutput(() => {
    log.error('failed', error);
    log.warn('failed', { error });
    log.info('failed', { deep: { list: [{ error }] } });
    log.appendKeys({ error });
    log.info('kept');
    log.resetKeys();
  });
  expect(output.trim().split('\n')).toHaveLength(4);
  expect(output).not.toContain(canary);
});

test('an error is logged with name, message, code, problems, own stack, and its causes likewise', async () => {
  const details = [{ path: 'body.caller_number', message: 'is not +19015550101', extra: canary }];
  const failure = new Failure('VALIDATION_FAILED', 'Not to (901) 555-0102', { details, cause: httpError() });
  const { error, ...rest } = await line(() => log.error('refused', failure));
  expect(rest).toMatchObject({ level: 'ERROR', message: 'refused', timestamp: expect.any(String) });
  expect(error).toEqual({
    name: 'Failure',
    message: 'Not to ***0102',
    code: 'VALIDATION_FAILED',
    details: [{ path: 'body.caller_number', message: 'is not ***0101' }],
    stack: expect.stringMatching(/^Failure: Not to \*\*\*0102\n {4}at .*log\.test\.ts:/),
    cause: {
      name: 'AxiosError',
      message: 'timeout of 5000ms exceeded',
      code: 'ECONNABORTED',
      stack: expect.stringContaining('log.test.ts'),
    },
  });
});

test('an error that is its own cause ends, and so does an object that holds itself', async () => {
  const circle = new Error('round and round');
  circle.cause = circle;
  const object: Record<string, unknown> = { name: 'x' };
  object['self'] = object;
  const output = await capturedOutput(() => log.error('failed', { error: circle, object }));
  expect(output.match(/"name":"Error"/g)).toHaveLength(6);
  expect(output).toContain('"self":"..."');
});

test('numbers are masked in the message, in texts at any depth and in the names of members', async () => {
  const output = await capturedOutput(() =>
    log.info('to (901) 555-0101', {
      list: ['+1 901 555 0102', { '+19015550103': 1 }],
      at: new Date('2026-03-02T18:00:00Z'),
      count: 7,
      nothing: null,
    }),
  );
  expect(JSON.parse(output)).toMatchObject({
    message: 'to ***0101',
    list: ['***0102', { '***0103': 1 }],
    at: '2026-03-02T18:00:00.000Z',
    count: 7,
  });
});

test('an object of a class is named only', async () => {
  const { headers, map } = await line(() =>
    log.info('asked', { headers: new Headers({ canary }), map: new Map([[canary, canary]]) }),
  );
  expect([headers, map]).toEqual(['[Headers]', '[Map]']);
});
