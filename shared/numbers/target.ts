import { Failure } from '#shared/failure.ts';
import type { E164 } from '#shared/id.ts';
import type { NumberRepository } from './number.repository.ts';
import { isOurs } from './number.ts';

/**
 * A call must not be forwarded to a number of ours: it would ring in circles.
 * @throws Failure NUMBER_NOT_ALLOWED
 */
export async function mustNotBeOurs(
  numbers: Pick<NumberRepository, 'find'>,
  target: E164,
  path: string,
): Promise<void> {
  if (!isOurs(await numbers.find(target))) return;
  throw new Failure('NUMBER_NOT_ALLOWED', undefined, {
    details: [{ path, message: "is one of our own virtual numbers; give the DJ's real number" }],
  });
}
