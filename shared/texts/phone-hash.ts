import { createHmac } from 'node:crypto';
import { requireEnv } from '#shared/env.ts';
import type { Texter } from '#shared/id.ts';
import { readSecretFields } from '#shared/secrets.ts';

/** Stands for a phone number where the number itself must not, always the same for the same number. */
export type PhoneHash = (phoneNumber: Texter) => Promise<string>;

/** HMAC-SHA-256 with the key of the stage, as hexadecimal digits. @throws Error when the keys secret holds no consentKey */
export const phoneHash: PhoneHash = async (phoneNumber) => {
  const { consentKey } = await readSecretFields(requireEnv('KEYS_SECRET_ID'));
  if (consentKey === undefined) throw new Error('the keys secret holds no consentKey');
  return createHmac('sha256', consentKey).update(phoneNumber).digest('hex');
};
