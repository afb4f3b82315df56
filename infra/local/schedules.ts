import { setTimeout as sleep } from 'node:timers/promises';
import { Cron } from 'croner';
import type { Clock } from './clock.ts';
import type { Resource } from './template.ts';

interface Target {
  Arn: string;
  Input?: string;
  RetryPolicy?: { MaximumRetryAttempts?: number };
  DeadLetterConfig?: { Arn?: string };
}

interface Timer {
  functionArn: string;
  target: Target;
  /** Undefined when it never runs again. */
  next(after: Date): Date | undefined;
  handle: NodeJS.Timeout | undefined;
}

export interface SchedulesOptions {
  clock: Clock;
  invoke: (functionArn: string, event: unknown) => Promise<unknown>;
  sendToQueue: (arn: string, body: string) => Promise<void>;
  /** Lambda waits minutes before it tries an asynchronous invocation again, which nobody here would. */
  retryAfterMs?: number;
}

// Longer waits overflow setTimeout, and a clock that was moved is looked at again in between anyway.
const waitMaxMs = 24 * 3600 * 1000;
// Lambda tries an asynchronous invocation three times in all.
const retriesMax = 2;

/** EventBridge Scheduler: on the stack's clock, so moving the clock moves what is due. What was jumped over is not run. */
export class Schedules {
  readonly #options: SchedulesOptions;
  readonly #timers: Timer[];
  #stopped = false;

  constructor(resources: readonly Resource[], options: SchedulesOptions) {
    this.#options = options;
    this.#timers = resources
      .filter(
        ({ type, properties }) => type === 'AWS::Scheduler::Schedule' && properties['State'] !== 'DISABLED',
      )
      .map((resource) => {
        const { ScheduleExpression, ScheduleExpressionTimezone, Target: target } = resource.properties;
        const timeZone = (ScheduleExpressionTimezone as string | undefined) ?? 'UTC';
        return {
          functionArn: (target as Target).Arn,
          target: target as Target,
          next: nextOf(String(ScheduleExpression), timeZone, `${resource.stack}/${resource.logicalId}`),
          handle: undefined,
        };
      });
    options.clock.onMove(() => this.start());
  }

  start(): void {
    for (const timer of this.#timers) this.#arm(timer, timer.next(this.#options.clock.now()));
  }

  /** Runs the schedule of a function now, with the input that the schedule would give it. */
  async run(functionArn: string): Promise<unknown> {
    const timer = this.#timers.find((one) => one.functionArn === functionArn);
    if (!timer) throw new Error(`No schedule starts ${functionArn}.`);
    return this.#options.invoke(functionArn, JSON.parse(timer.target.Input ?? '{}'));
  }

  stop(): void {
    this.#stopped = true;
    for (const { handle } of this.#timers) clearTimeout(handle);
  }

  #arm(timer: Timer, due: Date | undefined): void {
    clearTimeout(timer.handle);
    if (!due || this.#stopped) return;
    const waitMs = due.getTime() - this.#options.clock.now().getTime();
    timer.handle = setTimeout(
      () => {
        if (waitMs > waitMaxMs) {
          this.#arm(timer, due);
          return;
        }
        void this.#runWithRetries(timer);
        // A timer may ring a moment before it is due, which must not make it due again.
        const now = this.#options.clock.now();
        this.#arm(timer, timer.next(now < due ? due : now));
      },
      Math.min(waitMaxMs, Math.max(0, waitMs)),
    );
  }

  async #runWithRetries(timer: Timer): Promise<void> {
    for (let attempt = 0; attempt <= retriesMax && !this.#stopped; attempt += 1) {
      try {
        await this.run(timer.functionArn);
        return;
      } catch {
        const { retryAfterMs = 1000 } = this.#options;
        await sleep(retryAfterMs * (attempt + 1), undefined, { ref: false });
      }
    }
    const deadLetters = timer.target.DeadLetterConfig?.Arn;
    if (deadLetters && !this.#stopped)
      await this.#options.sendToQueue(deadLetters, timer.target.Input ?? '{}');
  }
}

const unitMs: Record<string, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

function nextOf(expression: string, timeZone: string, place: string): (after: Date) => Date | undefined {
  const [, count, unit = ''] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  if (count) return (after) => new Date(after.getTime() + Number(count) * (unitMs[unit] ?? 0));
  const fields = /^cron\((.+)\)$/.exec(expression)?.[1]?.split(/\s+/);
  if (!fields || fields.length !== 6 || fields[5] !== '*')
    throw new Error(`${place}: the local stack does not know the schedule ${expression}.`);
  const [minute, hour, day, month, weekday] = fields.map((field, place) =>
    classic(field, lastOfField[place] ?? 0),
  );
  // AWS counts days of the week from 1 = Sunday, cron from 0.
  const cronWeekday = weekday?.replaceAll(/(?<![#/\d])\d/g, (number) => String(Number(number) - 1));
  const pattern = `0 ${minute} ${hour} ${day} ${month} ${cronWeekday}`;
  const cron = new Cron(pattern, { timezone: timeZone, paused: true });
  return (after) => cron.nextRun(after) ?? undefined;
}

// Minutes, hours, days, months, days of the week.
const lastOfField = [59, 23, 31, 12, 7];

/** AWS writes `5/15` for every 15 from 5 on; cron wants the end too. */
function classic(field: string, last: number): string {
  return field.replaceAll(/(?<![-\d])(\d+)\/(\d+)/g, `$1-${last}/$2`);
}
