import { Failure } from '#shared/failure.ts';
import type { CallId } from '#shared/id.ts';
import { ConditionFailed, type Table } from '#shared/table/client.ts';
import { present } from '#shared/table/conditions.ts';
import { keys } from '#shared/table/keys.ts';

/** What Twilio calls the states of a text. */
export const deliveryStates = [
  'accepted',
  'scheduled',
  'queued',
  'sending',
  'sent',
  'delivered',
  'undelivered',
  'failed',
  'read',
  'canceled',
] as const;

/** On the way: what was sent stands with the call already. */
const progress: readonly Delivery['state'][] = ['accepted', 'scheduled', 'queued', 'sending', 'sent'];

/** What the carrier says of a text. */
export interface Delivery {
  /** Each is an attribute of the call's item: words that nobody knows are one. */
  state: (typeof deliveryStates)[number] | 'other';
  errorCode?: string | undefined;
  /** The number that it was sent from. */
  from?: string | undefined;
}

/** How the delivery of texts about calls goes. Without a schema library: a webhook writes it. */
export function deliveries(table: Pick<Table, 'update'>) {
  return {
    /**
     * Keeps each state of a text once; progress tells nothing new and is not kept, whatever call it is of.
     * @throws Failure NOT_FOUND when there is no such call
     */
    async note(callId: CallId, { state, errorCode, from }: Delivery, now: Date): Promise<void> {
      if (errorCode === undefined && progress.includes(state)) return;
      // Who sent it matters where the carrier refused it.
      const delivery = { at: now.toISOString(), ...(errorCode !== undefined && { errorCode, from }) };
      try {
        await table.update(
          keys.call(callId),
          { setOnce: { [`delivery_${state}`]: delivery } },
          present('pk'),
        );
      } catch (error) {
        if (error instanceof ConditionFailed)
          throw new Failure('NOT_FOUND', 'No call has this id', { cause: error });
        throw error;
      }
    },
  };
}
