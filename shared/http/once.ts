import { createHash, randomUUID } from 'node:crypto';
import { addSeconds, now } from '#shared/clock.ts';
import { Failure } from '#shared/failure.ts';
import { log } from '#shared/log.ts';
import { ConditionFailed, type Table } from '#shared/table/client.ts';
import { absent, below, either, equals, every } from '#shared/table/conditions.ts';
import { type Key, keys } from '#shared/table/keys.ts';
import { rawBody } from './frame.ts';
import { Replayed, Reply, type Request, type Work } from './handler.ts';
import type { Principal } from './principal.ts';
import type { Route } from './route.ts';

const keptSeconds = 24 * 3600;
/** Longer than any endpoint runs. */
const leaseSeconds = 60;

/** The claim of a request on its key: nobody else's is kept or given back. */
interface Claim {
  key: Key;
  id: string;
  requestHash: string;
}

/**
 * Lets a client repeat a POST safely: with an `Idempotency-Key` the same request of the same principal is done once in
 * 24 h and answered alike from then on, marked as replayed. A principal is its role, its subject and the DJ that it
 * speaks for. Failures are not kept, so a repetition tries again.
 * @throws Failure IDEMPOTENCY_KEY_REUSED with another body, IN_PROGRESS while the first still runs
 */
export function once<R extends Route>(table: Table, work: Work<R>): Work<R> {
  return async (request: Request<R>) => {
    const idempotencyKey = request.event.headers['idempotency-key'];
    if (idempotencyKey === undefined) return work(request);
    if (!/^[\x21-\x7e]{1,255}$/.test(idempotencyKey)) {
      throw new Failure('VALIDATION_FAILED', undefined, {
        details: [
          { path: 'headers.idempotency-key', message: 'must be 1-255 printable characters without spaces' },
        ],
      });
    }
    const { role, subject, djProfileId = null } = request.principal as Principal;
    const scope = [role, subject, djProfileId, request.event.routeKey, idempotencyKey];
    const claim: Claim = {
      key: keys.idempotency(hash(JSON.stringify(scope))),
      id: randomUUID(),
      requestHash: hash(
        `${request.event.rawPath}?${request.event.rawQueryString}\n${rawBody(request.event)}`,
      ),
    };

    const kept = await begin(table, claim);
    if (kept !== undefined) return kept as never;
    try {
      const result = await work(request);
      await keep(table, claim, result);
      return result;
    } catch (error) {
      await forget(table, claim);
      throw error;
    }
  };
}

/** Keeps the answer, unless the same can be asked again without harm: a failure told in the reply's own shape. */
async function keep(table: Table, claim: Claim, result: unknown): Promise<void> {
  const reply = result instanceof Reply ? (result as Reply<unknown>) : new Reply<unknown>(undefined, result);
  if (reply.repeatable) return forget(table, claim);
  const answer = { status: reply.status, body: JSON.stringify(reply.body) };
  try {
    const done = { state: 'done', ...answer, updatedAt: now().toISOString() };
    await table.update(claim.key, { set: done }, equals('claimId', claim.id));
  } catch (error) {
    // What was asked for is done: the answer must say so, even if a repetition would do it again.
    log.error('answer not kept for its Idempotency-Key', error as Error);
  }
}

async function forget(table: Table, { key, id }: Claim): Promise<void> {
  const mine = every(equals('claimId', id), equals('state', 'running'));
  try {
    await table.transact([{ delete: key, if: mine }]);
  } catch (error) {
    if (error instanceof ConditionFailed) return;
    // The lease sets it free.
    log.warn('claim of an Idempotency-Key not given back', error as Error);
  }
}

/** Answers what the same request was answered, undefined when it is to be done now. */
async function begin(table: Table, claim: Claim): Promise<Replayed<unknown> | undefined> {
  const at = now();
  const running = {
    ...claim.key,
    entity: 'idempotency',
    state: 'running',
    claimId: claim.id,
    requestHash: claim.requestHash,
    lease: addSeconds(at, leaseSeconds).toISOString(),
    createdAt: at.toISOString(),
    updatedAt: at.toISOString(),
    expiresAt: Math.floor(at.getTime() / 1000) + keptSeconds,
  };
  const abandoned = every(equals('state', 'running'), below('lease', at.toISOString()));
  const expired = below('expiresAt', Math.floor(at.getTime() / 1000));
  try {
    await table.put(running, either(absent('pk'), abandoned, expired));
    return undefined;
  } catch (error) {
    if (!(error instanceof ConditionFailed) || error.item === undefined) {
      // Nobody knows whether the claim was written: a repetition must not have to wait for its lease.
      await forget(table, claim);
      throw error;
    }
    const { item } = error;
    if (item.requestHash !== claim.requestHash)
      throw new Failure('IDEMPOTENCY_KEY_REUSED', undefined, { cause: error });
    if (item.state !== 'done') throw new Failure('IN_PROGRESS', undefined, { cause: error });
    return new Replayed(item.status as number | undefined, JSON.parse(String(item.body)) as unknown);
  }
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
