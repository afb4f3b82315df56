import type * as z from 'zod';
import type { virtualNumberReply } from './fields.ts';
import type { HeldNumber } from './number.ts';

/** A held number in the API's words. */
export function virtualNumberReplyOf(number: HeldNumber): z.input<typeof virtualNumberReply> {
  const { holder } = number;
  return {
    id: number.id,
    dj_profile_id: holder.djProfileId,
    display_name: holder.displayName,
    virtual_number: number.phoneNumber,
    twilio_phone_number_sid: number.sid,
    real_phone_number: holder.realPhoneNumber,
    is_active: number.status === 'assigned',
    status: number.status,
    product_context: 'djdash',
    area_code: number.areaCode,
    capabilities: number.capabilities,
    sms_status: number.smsStatus,
    ...holder.settings,
    assigned_at: holder.assignedAt,
    created_at: number.createdAt,
    updated_at: number.updatedAt,
  };
}
