import { writeFile } from 'node:fs/promises';
import { alarmPlans, type MetricPlan } from './alarms.ts';
import { contracts, sorted } from './contracts.ts';
import { routeErrors } from './metrics.ts';
import { workerDeadLetters, workQueues } from './queues.ts';

const stage = '<stage>';

/** docs/alarms.md: every alarm, what it watches, and what people lose by each worker and timer that fails. */
export function alarmsPage(): string {
  const plans = alarmPlans(contracts, { stage, apiId: 'the API', twilioBalanceMin: 50, userPool: true });
  const alarms = plans.map(({ name, severity, impact, article, metrics }) =>
    cells(
      `\`switchboard-<stage>-${severity}-${name}\``,
      impact,
      watched(metrics),
      `[article](runbook.md#${article})`,
    ),
  );
  const routes = [...routeErrors(contracts)].map(([metric, all]) =>
    cells(`\`${metric}\``, all.map(({ id }) => `\`${id}\``).join(', ')),
  );
  const waiting = workQueues(stage, contracts);
  const workers = workerDeadLetters(stage, contracts).map(({ queueName, functions, impacts }) => {
    const queue = waiting.find((one) => one.functions[0] === functions[0]);
    return cells(
      `\`${functions.join()}\``,
      queue ? short(queue.queueName) : "the table's stream",
      short(queueName),
      impacts.join(' '),
    );
  });
  const timers = sorted(contracts.schedules).map(({ id, bundle, contract }) =>
    cells(`\`${id}\``, `\`${bundle}\``, `\`${contract.expression}\``, contract.impact),
  );
  return `# What is watched

Written by \`npm run alarms\` from the contracts of the functions; [the runbook](runbook.md#the-alarms) says what to do.

## Alarms

${table(['alarm', 'what people lose', 'watches', 'what to do'], alarms)}

## Errors by route

The errors of all routes count towards the API's \`5xx\`, which \`api-errors\` watches. Those of these routes are counted separately
as well, from the access log:

${table(['metric', 'routes'], routes)}

## Workers

Messages that wait too long raise \`queue-age\` or \`stream-behind\`; messages that were given up raise \`dead-letters\`.

${table(['function', 'drains', 'dead letters', 'what people lose meanwhile'], workers)}

## Timers

A timer that keeps failing leaves a message with its name in \`timers-dead-letters\`, which raises \`timers-failed\`.

${table(['function', 'in the message', 'runs (UTC)', 'what people lose'], timers)}
`;
}

/** The metrics by name, each with what it is of. */
function watched(metrics: readonly MetricPlan[]): string {
  const byName = Map.groupBy(metrics, ({ metricName }) => metricName);
  return [...byName].map(([name, of]) => `\`${name}\`${ofWhat(of)}`).join(', ');
}

function ofWhat(metrics: readonly MetricPlan[]): string {
  const names = metrics.flatMap(
    ({ dimensions: { FunctionName, QueueName } }) => FunctionName ?? QueueName ?? [],
  );
  if (names.length > 0) return ` of ${names.map(short).join(', ')}`;
  return metrics[0]?.namespace === 'AWS/Lambda' ? ' of the account' : '';
}

/** A name without what all names of a stage begin with. */
function short(name: string): string {
  return `\`${name.slice(`switchboard-${stage}-`.length)}\``;
}

function cells(...values: string[]): string {
  return `| ${values.join(' | ')} |`;
}

function table(heads: string[], rows: string[]): string {
  return [cells(...heads), cells(...heads.map(() => '---')), ...rows].join('\n');
}

if (import.meta.main) await writeFile(new URL('../docs/alarms.md', import.meta.url), alarmsPage());
