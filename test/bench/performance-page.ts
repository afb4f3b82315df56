import { cpus, totalmem } from 'node:os';
import { callCost, totalUsd } from '#infra/call-cost.ts';
import prices from '#infra/prices.json' with { type: 'json' };
import {
  relayFigures,
  unitsByCause,
  unitsOf,
  usageOf,
  type WritesOfKind,
  writesByKind,
} from './call-figures.ts';
import type { Figure } from './figure.ts';
import type { RecordedCall, Recording } from './recorded-call.ts';
import { roundTripsOf } from './round-trips.ts';

/** What a call may cost, and what it was first meant to; docs/decisions/0019-what-a-call-costs.md says why that is less. */
export const unitTargets = { unpaid: { held: 36, first: 11 }, paid: { held: 60, first: 21 } } as const;
export const usdPerMillionTarget = { held: 80, first: 25 } as const;

export const roundTripTargets: readonly [what: string, functionId: string, target: number][] = [
  ['incoming call', 'calls.answerCall', 2],
  ['dial result', 'calls.completeDial', 1],
  ['call status', 'calls.recordCallStatus', 1],
  ['payment', 'tipjar.receivePayment', 2],
  ['read a number', 'numbers.getNumber', 1],
  ['number of a public page', 'numbers.showNumber', 1],
  ['read a call', 'calls.getCall', 1],
  ['list calls', 'calls.listCalls', 2],
  ['analytics', 'analytics.getAnalytics', 1],
  ['assign from the pool', 'numbers.assignNumber', 3],
];

/** Round trips of each function, over all calls that were recorded. */
export function roundTrips(recorded: readonly RecordedCall[]): [functionId: string, trips: number][] {
  const calls = recorded.flatMap((one) => [...one.call.calls, ...one.payment.calls, ...one.requests.calls]);
  return roundTripTargets.map(([what, functionId]) => {
    const made = calls.filter((call) => call.functionId === functionId);
    if (made.length === 0)
      throw new Error(`${functionId} asked AWS for nothing at "${what}": was it called?`);
    return [functionId, roundTripsOf(made)];
  });
}

/** The part of docs/performance.md that is the same on every machine and every day. */
export function countedPart(recorded: readonly RecordedCall[]): string {
  const [first] = recorded;
  if (first === undefined) throw new Error('no call was recorded');
  const { call, payment } = first;
  const [unpaid, paid] = [unitsOf(call), unitsOf(call) + unitsOf(payment)];
  const relay = [call, payment].map(relayFigures);
  const trips = new Map(roundTrips(recorded));
  return `## Counted

The same on every machine and every day; a test holds them. The call is forwarded, talked for 95 seconds and followed by a
text; paid, by 50.00 too. Its changes are told to the platform by two events.

### Write units

By AWS's rules from the items before and after each write (\`infra/write-units.ts\`): a unit a started KB, twice in a
transaction, and what changes in an index. [Decision 19](decisions/0019-what-a-call-costs.md) says what each is for, and why
it is not less.

| | units | target | first target | writes | KB beyond the first | transactions | indexes |
|---|---|---|---|---|---|---|---|
| unpaid call | ${unpaid} | ${unitTargets.unpaid.held} | ${unitTargets.unpaid.first} | ${causes(call)} |
| its payment | ${paid - unpaid} | | | ${causes(payment)} |
| paid call | ${paid} | ${unitTargets.paid.held} | ${unitTargets.paid.first} | | | | |

Of these, ${unitsByCause(call).platformEvents} and ${unitsByCause(payment).platformEvents} are for telling the platform, which a stage without \`platformWebhook\` has none of.

${writesTable('The call', writesByKind(call))}

${writesTable('Its payment', writesByKind(payment))}

### The relay

| | changes of the table | read by the relay | led to messages | messages |
|---|---|---|---|---|
${relay
  .map(
    ({ changes, read, actedOn, messages }, index) =>
      `| ${index === 0 ? 'the call' : 'its payment'} | ${changes} | ${read} | ${actedOn} | ${messages} |`,
  )
  .join('\n')}

### Sequential round trips

What is asked side by side counts once.

| | round trips | target |
|---|---|---|
${roundTripTargets.map(([what, id, target]) => `| ${what} (\`${id}\`) | ${trips.get(id)} | ${target} |`).join('\n')}
`;
}

/** The machine that figures were measured on. */
export function machine(): string {
  const [first] = cpus();
  const gigabytes = Math.round(totalmem() / 1024 ** 3);
  return `Measured on ${cpus().length} cores (${first?.model.trim() ?? 'unknown'}), ${gigabytes} GB, Node ${process.versions.node}, ${new Date().toISOString().slice(0, 10)}.`;
}

/** The page with new sections; each stands between marks that name it. @throws Error when the page has no such marks */
export function pageOf(page: string, sections: Readonly<Record<string, string>>): string {
  return Object.entries(sections).reduce((text, [name, section]) => {
    const [begin, end] = marksOf(name);
    const [from, to] = [text.indexOf(begin), text.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`docs/performance.md has no place for ${name}`);
    return `${text.slice(0, from + begin.length)}\n${section.trim()}\n${text.slice(to)}`;
  }, page);
}

/** What stands in the page between the marks of a section. */
export function sectionOf(page: string, name: string): string {
  const [begin, end] = marksOf(name);
  return page.slice(page.indexOf(begin) + begin.length, page.indexOf(end)).trim();
}

function marksOf(name: string): [string, string] {
  return [`<!-- ${name} -->`, `<!-- end of ${name} -->`];
}

function causes(recording: Recording): string {
  const { writes, size, transactions, indexes } = unitsByCause(recording);
  return [writes, size, transactions, indexes].join(' | ');
}

function writesTable(title: string, kinds: readonly WritesOfKind[]): string {
  const rows = kinds.map(
    ({ functionId, entity, writes, inTransactions, units, indexUnits, purpose }) =>
      `| \`${functionId}\` | ${entity} | ${writes} | ${inTransactions || ''} | ${units} | ${indexUnits || ''} | ${purpose} |`,
  );
  const sum = (of: (kind: WritesOfKind) => number) => kinds.reduce((total, kind) => total + of(kind), 0);
  return `${title}:

| function | item | writes | in transactions | units | of them indexes | what for |
|---|---|---|---|---|---|---|
${rows.join('\n')}
| all | | ${sum(({ writes }) => writes)} | ${sum(({ inTransactions }) => inTransactions)} | ${sum(({ units }) => units)} | ${sum(({ indexUnits }) => indexUnits)} | |`;
}

/** What a million paid calls cost, by a recording whose runs took about their time. */
export function costPart({ call, payment }: RecordedCall, machineName: string): string {
  const lines = callCost(usageOf(call, payment));
  const rows = lines.map(({ kind, usd, why }) => `| ${kind} | ${usd.toFixed(2)} | ${why} |`);
  return `### Cost of a million paid calls

US dollars at list prices of ${prices.region} as of ${prices.asOf} (\`infra/prices.json\`), without what is paid by the month
(\`npm run cost\`) and stored, without Twilio, and each message in a batch of its own. The time of runs is this machine's, with
replies of AWS after 5 ms and 0.6 s for TipJar and Twilio; a Lambda of 512 MB has a third of a processor.
${machineName}

| | $ | of one call |
|---|---|---|
${rows.join('\n')}
| all | ${totalUsd(lines).toFixed(2)} | target ${usdPerMillionTarget.held}, first ${usdPerMillionTarget.first} |
`;
}

/** Figures that were measured on a machine. */
export function figuresTable(title: string, machineName: string, figures: readonly Figure[]): string {
  const rows = figures.map(
    ({ what, measured, target, stretch, reached }) =>
      `| ${what} | ${measured} | ${target} | ${stretch} | ${reached === undefined ? '' : reached ? 'yes' : 'no'} |`,
  );
  return `### ${title}

${machineName}

| | measured | target | stretch | reached |
|---|---|---|---|---|
${rows.join('\n')}
`;
}
