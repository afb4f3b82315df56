import type { Call } from './call.ts';

/** When the call began. Without a schema library: the webhooks list calls by it. */
export function startOf(call: Pick<Call, 'incomingAt' | 'reported' | 'seenAt'>): string {
  return call.incomingAt ?? call.reported.timestamp ?? call.seenAt;
}
