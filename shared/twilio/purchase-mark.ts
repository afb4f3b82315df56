import type { PurchaseId } from '#shared/id.ts';

/** What stands in FriendlyName at Twilio: whose number it is, and which purchase brought it. */
export function purchaseMark(stage: string, purchaseId: PurchaseId): string {
  return `djdash:${stage}:${purchaseId}`;
}

/** Reads what `purchaseMark` wrote; undefined for any other name. */
export function readPurchaseMark(
  friendlyName: string,
): { stage: string; purchaseId: PurchaseId } | undefined {
  const [, stage, purchaseId] = /^djdash:([^:]+):(pur_\w+)$/.exec(friendlyName) ?? [];
  return stage === undefined ? undefined : { stage, purchaseId: purchaseId as PurchaseId };
}
