import { isFree, type PortTaken } from './ports.ts';
import { describedStacks } from './stack-description.ts';

/** The distances of a stack's ports from its first one. */
export const portOffsets = { api: 0, twilio: 10, control: 11, tipjar: 12, issuer: 13 } as const;

/** Who has a port that a stack wanted, as far as that can be found out, and what to type instead. */
export async function explainTakenPort(
  { port, wantedFor }: PortTaken,
  { folder, typed }: { folder: string; typed: string },
): Promise<string> {
  const base = await freePortBase();
  const elsewhere = base === undefined ? `${typed} --port-base N` : `${typed} --port-base ${base}`;
  const ours = (await describedStacks(folder)).find(({ api, control, issuer, twilio, tipjar }) =>
    [api, control, issuer, twilio.baseUrl, tipjar.baseUrl].some((url) => Number(new URL(url).port) === port),
  );
  if (!ours)
    return `Port ${port}, wanted for the ${wantedFor}, is taken by another program. Stop that program, or choose other ports: ${elsewhere}`;
  return `Port ${port}, wanted for the ${wantedFor}, is taken by the stack that was started here at ${ours.startedAt} (process ${ours.pid}) and answers at ${ours.api}. Use that one, stop it, or start another beside it: ${elsewhere}`;
}

/** The first round number from which all ports of a stack are free. */
async function freePortBase(): Promise<number | undefined> {
  for (let base = 4000; base < 10_000; base += 1000) {
    const free = await Promise.all(Object.values(portOffsets).map((offset) => isFree(base + offset)));
    if (free.every(Boolean)) return base;
  }
  return undefined;
}
