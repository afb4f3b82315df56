import { areaCodeOf, areaOf } from '#shared/areas.ts';
import type { NumberRepository } from './number.repository.ts';
import type { VirtualNumber } from './number.ts';
import type { Offers, Wish } from './offer.ts';

export interface FreeDeps {
  numbers: Pick<NumberRepository, 'free'>;
  /** 0 inclusive to 1 exclusive. */
  random(): number;
}

/** Where free numbers are looked for, and the reason to give for one that is found there. */
interface Place {
  where: Parameters<NumberRepository['free']>[0];
  reason: string;
}

/** Free numbers of the area code that is wished for, then of its region, then of any; longest-rested first. */
export async function* freeNear(deps: FreeDeps, wish: Wish): Offers {
  for (const place of placesNear(wish)) yield* freeAt(deps, place);
}

/** Free numbers of exactly this area code; longest-rested first. */
export function freeIn(deps: FreeDeps, areaCode: string): Offers {
  return freeAt(deps, {
    where: { areaCode },
    reason: `Free in area code ${areaCode}, which was asked for`,
  });
}

function placesNear(wish: Wish): Place[] {
  const areaCode = wish.areaCode ?? areaCodeOf(wish.realPhoneNumber);
  const region = areaCode === undefined ? undefined : areaOf(areaCode)?.region;
  return [
    ...(areaCode !== undefined ? [{ where: { areaCode }, reason: `Free in area code ${areaCode}` }] : []),
    ...(region !== undefined
      ? [{ where: { region }, reason: `Free in ${region}; none in area code ${areaCode}` }]
      : []),
    { where: undefined, reason: region === undefined ? 'Free' : `Free elsewhere; none in ${region}` },
  ];
}

/** Tries lost on a page mean that many want its numbers: the next page has better ones to offer than its rest. */
const triesOfPage = 2;

async function* freeAt(deps: FreeDeps, { where, reason }: Place): Offers {
  // Few tries of every page first; then, lest a free number is passed over, all of them.
  for (const triesMax of [triesOfPage, Number.POSITIVE_INFINITY]) {
    let passedOver = false;
    let after: Record<string, string> | undefined;
    do {
      const page = await deps.numbers.free(where, after);
      for (const number of inTurn(page.numbers, deps.random()).slice(0, triesMax)) {
        yield { source: 'pool', number, reason: `${reason}; one of the ten that rested longest` };
      }
      passedOver ||= page.numbers.length > triesMax;
      after = page.next;
    } while (after !== undefined);
    if (!passedOver) return;
  }
}

/**
 * Those that may text before the others, each group starting anywhere, so that many who read the same page do not all
 * want its first.
 */
function inTurn(numbers: VirtualNumber[], start: number): VirtualNumber[] {
  const turned = (some: VirtualNumber[]) => {
    const first = Math.floor(start * some.length);
    return [...some.slice(first), ...some.slice(0, first)];
  };
  const mayText = ({ smsStatus }: VirtualNumber) => smsStatus === 'ready';
  return [...turned(numbers.filter(mayText)), ...turned(numbers.filter((number) => !mayText(number)))];
}
