import { areaCodeOf, areaOf } from '#shared/areas.ts';
import { type E164, newId, type OrderId, type PurchaseId } from '#shared/id.ts';
import type { NewNumber } from './transitions.ts';

/** A number that becomes ours, with ids of its own; `region` is `none` where the area code is unknown. */
export function newNumber(
  phoneNumber: E164,
  { purchaseId = newId('pur'), orderId }: { purchaseId?: PurchaseId; orderId?: OrderId } = {},
): NewNumber {
  const areaCode = areaCodeOf(phoneNumber) ?? '';
  const region = areaOf(areaCode)?.region ?? 'none';
  return { id: newId('num'), purchaseId, orderId, phoneNumber, areaCode, region };
}
