import type * as z from 'zod';
import { asFailure, Failure } from '#shared/failure.ts';
import { inTurn, type Turn, type TurnDeps } from '#shared/in-turn.ts';
import { log } from '#shared/log.ts';
import { type AssignDeps, type AssignInput, assignNumber } from './assign-number.ts';
import type { assignmentReply } from './fields.ts';
import type { NumberRepository } from './number.repository.ts';
import { virtualNumberReplyOf } from './virtual-number-reply.ts';

type Assignment = z.input<typeof assignmentReply>;
type Outcome = Omit<Assignment, 'dj_profile_id'>;

export interface AssignManyDeps extends AssignDeps, TurnDeps {
  numbers: AssignDeps['numbers'] & Pick<NumberRepository, 'holdingOf'>;
}

/** What is asked for one of the DJs; `input` may refuse what is written, by throwing a Failure. */
export interface Wanted {
  djProfileId: AssignInput['djProfileId'];
  /** Whether a certain number is asked for. */
  isChosen: boolean;
  input: () => AssignInput;
}

/**
 * Gives many DJs a number each, with a result each: one that fails keeps no other from its number. Chosen numbers are
 * given first, so that nobody of the same request gets them by chance. Asked again, whoever has got one keeps it.
 */
export async function assignMany(deps: AssignManyDeps, wanted: readonly Wanted[]): Promise<Assignment[]> {
  const chosen: Promise<unknown>[] = [];
  const inOrder = [...wanted.entries()].toSorted(
    ([, one], [, other]) => Number(other.isChosen) - Number(one.isChosen),
  );
  const turns = await inTurn(deps, inOrder, async ([, one]) => {
    if (!one.isChosen) await Promise.all(chosen);
    const outcome = assignOne(deps, one);
    if (one.isChosen) chosen.push(outcome);
    return outcome;
  });
  const results: Assignment[] = [];
  for (const [turn, [index, { djProfileId }]] of inOrder.entries())
    results[index] = { dj_profile_id: djProfileId, ...outcomeOf(turns[turn] as Turn<Outcome>) };
  return results;
}

async function assignOne(deps: AssignManyDeps, { input }: Wanted): Promise<Outcome> {
  try {
    const asked = input();
    const { number, selection } = await assignNumber(deps, asked).catch((error: unknown) =>
      heldAlready(deps, asked, error),
    );
    return {
      status: selection === null ? 'already_assigned' : 'assigned',
      virtualNumber: virtualNumberReplyOf(number),
      selection,
      code: null,
      reason: null,
    };
  } catch (error) {
    const failure = asFailure(error);
    if (failure.code === 'INTERNAL') log.error('a number could not be assigned', failure);
    return failed(failure.code, reasonOf(failure));
  }
}

/** The number of a DJ who has just what is asked for; else the error is thrown on. */
async function heldAlready(
  { numbers }: AssignManyDeps,
  { djProfileId, realPhoneNumber, chosen }: AssignInput,
  error: unknown,
) {
  if (!(error instanceof Failure) || error.code !== 'NUMBER_ALREADY_ASSIGNED') throw error;
  const holding = await numbers.holdingOf(djProfileId);
  const number = holding?.state === 'held' ? holding.number : undefined;
  const isThis =
    number?.status === 'assigned' &&
    number.holder.realPhoneNumber === realPhoneNumber &&
    (chosen === undefined || number.sid === chosen);
  if (!isThis) throw error;
  return { number, selection: null };
}

function outcomeOf(turn: Turn<Outcome>): Outcome {
  if (turn === 'not-begun') return failed('not_attempted', 'The request ran out of time; ask again');
  if (turn === 'hanging')
    return failed(
      'IN_PROGRESS',
      'It was still being assigned when the answer was due; ask again in a minute',
    );
  return turn.result;
}

function failed(code: string, reason: string): Outcome {
  return { status: 'failed', virtualNumber: null, selection: null, code, reason };
}

/** The sentence, and what it says of each field. */
function reasonOf({ message, details = [] }: Failure): string {
  return [message, ...details.map((detail) => `${detail.path} ${detail.message}`)].join('; ');
}
