import type * as z from 'zod';
import { type FaultKind, type FaultRule, faultKinds } from '#infra/local/twilio/faults.ts';
import type { faultsBody } from './request-bodies.ts';

const restKinds: readonly FaultKind[] = ['error', 'timeoutAfterSuccess', 'taken'];

/** The rules that a body stands for, with everything that it leaves out. */
export function rulesOf(kinds: Omit<z.output<typeof faultsBody>, 'seed'>): FaultRule[] {
  return faultKinds.flatMap((kind) => {
    const given = kinds[kind];
    if (given === undefined) return [];
    const list = typeof given === 'number' ? [{ rate: given }] : [given].flat();
    return list.map((rule) => ({
      kind,
      on: rule.on ?? (restKinds.includes(kind) ? 'rest' : 'webhooks'),
      route: rule.route,
      rate: rule.rate,
      count: rule.count,
      status: rule.status ?? 503,
      body: rule.body ?? 'twilio',
      delayMs: rule.delayMs ?? (kind === 'delay' ? 200 : 0),
    }));
  });
}
