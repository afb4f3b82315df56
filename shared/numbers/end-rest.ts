import type { NumberRepository } from './number.repository.ts';
import { type VirtualNumber } from './number.ts';
import { type RestPolicy, restOn } from './rest.ts';
import { endCooling, extendCooling } from './transitions.ts';
import type { Usage } from './usage.ts';

export interface EndRestDeps {
  numbers: Pick<NumberRepository, 'save'>;
  usage: Pick<Usage, 'of'>;
  policy: RestPolicy;
  now(): Date;
}

/**
 * Frees a number whose rest is over; one that somebody still calls rests on: who dials it means its last DJ.
 * @throws NumberChanged when somebody else changed the number in between
 */
export async function endRest(deps: EndRestDeps, number: VirtualNumber, actor: string): Promise<void> {
  const now = deps.now();
  const until = restOn(await deps.usage.of(number.phoneNumber), deps.policy, now);
  if (until === undefined) {
    await deps.numbers.save(number, endCooling(number, now), { actor, reason: 'its rest is over' });
  } else {
    const reason = 'its rest goes on, it is still called';
    await deps.numbers.save(number, extendCooling(number, until, now), { actor, reason });
  }
}
