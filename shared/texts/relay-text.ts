import { isDj } from '#shared/owner.ts';
import type { ChangeRule } from '#shared/queue/change.ts';
import { readText } from './received.repository.ts';

/**
 * A message for a DJ is put with the sender's calls; then the platform is told, and the DJ who wants it. What is said of
 * further texts, and what nobody holds a number for, is only kept.
 */
export const relayText: ChangeRule = (before, after) => {
  const { messageSid, to, owner, kind, at, placed } = readText(after);
  if (owner === undefined || !isDj(owner) || kind !== 'message') return [];
  if (before === undefined) return [{ queue: 'receivedTexts', body: { phoneNumber: to, messageSid } }];
  if (placed === undefined || readText(before).placed !== undefined) return [];
  const type = 'text.received';
  return [
    { queue: 'events', body: { type, entity: messageSid, fact: type, at, phoneNumber: to } },
    { queue: 'alerts', body: { kind: 'text', phoneNumber: to, messageSid, at } },
  ];
};
