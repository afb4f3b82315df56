import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { Clock } from '#infra/local/clock.ts';
import { Schedules } from '#infra/local/schedules.ts';
import { resolveTemplates } from '#infra/local/template.ts';

const running: Schedules[] = [];
afterAll(() => {
  for (const schedules of running) schedules.stop();
});

/** Starts one schedule on a clock that shows `at`; answers what it did. */
function start(
  expression: string,
  at: string,
  answer: () => Promise<unknown> = async () => 'done',
  clock = new Clock(new Date(at)),
) {
  const runs: unknown[] = [];
  const buried: string[] = [];
  const Target = {
    Arn: 'arn:timer',
    RoleArn: 'arn:role',
    Input: '{"from":"schedule"}',
    DeadLetterConfig: { Arn: 'arn:dead' },
  };
  const template = {
    Resources: {
      Timer: { Type: 'AWS::Scheduler::Schedule', Properties: { ScheduleExpression: expression, Target } },
    },
  };
  const world = {
    region: 'us-east-1',
    account: '000000000000',
    queueEndpoint: '',
    apiUrl: '',
    tableSuffix: '',
  };
  const schedules = new Schedules(resolveTemplates([{ name: 'app', template }], world), {
    clock,
    invoke: (_arn, event) => {
      runs.push(event);
      return answer();
    },
    retryAfterMs: 20,
    sendToQueue: async (arn, body) => {
      buried.push(`${arn} ${body}`);
    },
  });
  running.push(schedules);
  schedules.start();
  return { clock, runs, buried };
}

/** A clock that still shows a moment before the hour when the timer rings, as real ones may. */
class LateClock extends Clock {
  override now(): Date {
    return new Date(Math.min(super.now().getTime(), Date.parse('2026-07-03T08:59:59.999Z')));
  }
}

// 2026-07-03 is a Friday. All of them wait for their timers side by side.
describe.concurrent('a schedule runs by the stack’s clock when it is due', () => {
  test.each([
    ['cron(0 9 * * ? *)', '2026-07-03T08:59:59.800Z', 1],
    ['cron(0 9 * * ? *)', '2026-07-03T09:00:00.100Z', 0],
    ['cron(0 9 ? * 6 *)', '2026-07-03T08:59:59.800Z', 1],
    ['cron(0 9 ? * 7 *)', '2026-07-03T08:59:59.800Z', 0],
    ['cron(0 9 ? * MON-FRI *)', '2026-07-03T08:59:59.800Z', 1],
    ['cron(5/15 9 ? * FRI *)', '2026-07-03T09:19:59.800Z', 1],
    ['cron(5/15 9 ? * 1 *)', '2026-07-03T09:19:59.800Z', 0],
    ['rate(5 minutes)', '2026-07-03T08:59:59.800Z', 0],
  ])('%s at %s: %d runs', async (expression, at, times) => {
    const { runs } = start(expression, at);

    await sleep(500);

    expect(runs).toEqual(Array.from({ length: times }, () => ({ from: 'schedule' })));
  });

  test('and a clock that is moved just before it makes it due, while one that jumps over it does not', async () => {
    const { clock, runs } = start('cron(0 9 * * ? *)', '2026-07-03T00:00:00Z');

    clock.set(new Date('2026-07-04T10:00:00Z'));
    await sleep(100);
    expect(runs).toHaveLength(0);

    clock.set(new Date('2026-07-05T08:59:59.800Z'));
    await sleep(500);
    expect(runs).toHaveLength(1);
  });
});

test('one that fails is tried twice more and then goes to the dead letters', async () => {
  const { runs, buried } = start('cron(0 9 * * ? *)', '2026-07-03T08:59:59.900Z', () =>
    Promise.reject(new Error('no')),
  );

  await expect.poll(() => buried, { timeout: 10_000 }).toEqual(['arn:dead {"from":"schedule"}']);

  expect(runs).toHaveLength(3);
});

test('a timer that rings a moment early runs once', async () => {
  const early = new LateClock(new Date('2026-07-03T08:59:59.900Z'));
  const { runs } = start('cron(0 9 * * ? *)', '', async () => 'done', early);

  await sleep(400);

  expect(runs).toHaveLength(1);
});

test('an expression that the local stack does not know is an error that shows it', () => {
  expect(() => start('at(2026-07-03T09:00:00)', '2026-07-03T08:00:00Z')).toThrow(
    /app\/Timer.*does not know the schedule at\(/,
  );
});
