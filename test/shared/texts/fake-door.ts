import { switchRepository } from '#shared/switches/switch.repository.ts';
import type { Table } from '#shared/table/client.ts';
import { allowanceRepository } from '#shared/texts/allowance.repository.ts';
import { consentRepository } from '#shared/texts/consent.repository.ts';
import { type TextsPolicy, textsPolicy } from '#shared/texts/policy.ts';
import type { TextRules } from '#shared/texts/rules.ts';
import type { TextDoor } from '#shared/texts/send-once.ts';
import type { FakeTexting } from '#test/shared/twilio/fake-texting.ts';

/** Stands for a phone's keyed hash. */
export const plainHash = async (phoneNumber: string) => `plain-${phoneNumber}`;

export const service = { messagingServiceSid: `MG${'0'.repeat(32)}`, phoneNumber: '' };
export const limits: TextsPolicy = textsPolicy.parse({});

/** The rules for texts over a table of the tests. */
export function testRules(table: Table, now: () => Date, over: Partial<TextsPolicy> = {}): TextRules {
  return {
    consents: consentRepository(table, plainHash),
    switches: switchRepository(table),
    allowances: allowanceRepository(table, plainHash),
    limits: { ...limits, ...over },
    now,
  };
}

/** The whole door, with Twilio in memory behind it. */
export function testDoor(
  table: Table,
  texting: FakeTexting,
  now: () => Date,
  over: Partial<TextsPolicy> = {},
): TextDoor {
  return { ...testRules(table, now, over), texting, platform: service };
}
