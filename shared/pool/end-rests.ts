import { log } from '#shared/log.ts';
import { type EndRestDeps, endRest } from '#shared/numbers/end-rest.ts';
import { NumberChanged, type NumberRepository } from '#shared/numbers/number.repository.ts';

/** Ends every rest that is due. Answers how many numbers it went through. */
export async function endRests(
  deps: EndRestDeps & { numbers: Pick<NumberRepository, 'inState'> },
): Promise<number> {
  const due = deps.now();
  let ended = 0;
  let after: Record<string, string> | undefined;
  do {
    const page = await deps.numbers.inState('cooling', { limit: 100, to: due, after });
    for (const number of page.numbers) {
      try {
        await endRest(deps, number, 'timer');
        ended++;
      } catch (error) {
        if (!(error instanceof NumberChanged)) throw error;
        log.info('the number was changed at the same moment, it is looked at again next time', {
          number: number.id,
        });
      }
    }
    after = page.next;
  } while (after !== undefined);
  return ended;
}
