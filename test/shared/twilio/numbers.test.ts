import { beforeEach, expect, test } from 'vitest';
import type { E164 } from '#shared/id.ts';
import { twilioCarrier } from '#shared/twilio/numbers.ts';
import { fakeSecrets } from '#test/shared/fake-secrets.ts';
import { hostileTwilio } from '#test/support/hostile-twilio.ts';
import { accountSid, authToken } from './signed-event.ts';

const twilio = await hostileTwilio();
const secrets = await fakeSecrets();
Object.assign(process.env, {
  TWILIO_SECRET_ID: secrets.add({ accountSid, authToken }),
  TWILIO_API_URL: twilio.url,
  TWILIO_MESSAGING_URL: twilio.url,
  TWILIO_TIMEOUT_MS: '5000',
});

// Berlin's numbers for films and books; German numbers differ in length, so that one may begin with another.
const short = '+493023125012' as E164;
const long = '+4930231250123' as E164;
const sidOf = (digit: number) => `PN${String(digit).repeat(32)}`;

beforeEach(() => {
  twilio.owned = [
    { phoneNumber: long, sid: sidOf(1) },
    { phoneNumber: short, sid: sidOf(2) },
  ];
});

test('a number is found among those that contain it', async () => {
  expect(await twilioCarrier().find(short)).toMatchObject({ phoneNumber: short, sid: sidOf(2) });
  expect(await twilioCarrier().find(long)).toMatchObject({ phoneNumber: long, sid: sidOf(1) });
});

test('a number that others merely contain is not owned', async () => {
  twilio.owned = twilio.owned.filter(({ phoneNumber }) => phoneNumber === long);
  expect(await twilioCarrier().find(short)).toBeUndefined();
});
