import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { failures } from '#shared/failure.ts';
import type { E164, PhoneNumberSid, PurchaseId } from '#shared/id.ts';
import { readBalance } from '#shared/twilio/balance.ts';
import { twilioCalls } from '#shared/twilio/calls.ts';
import { meanings } from '#shared/twilio/meanings.ts';
import { twilioTexting } from '#shared/twilio/messages.ts';
import { twilioCarrier } from '#shared/twilio/numbers.ts';
import { type OperationName, operations } from '#shared/twilio/operations.ts';
import { twilioRecordings } from '#shared/twilio/recordings.ts';
import { TwilioBusy, TwilioFailure, TwilioRefusal } from '#shared/twilio/twilio-failure.ts';
import { fakeSecrets } from '#test/shared/fake-secrets.ts';
import { type Fault, faults, hostileTwilio, serviceSid } from '#test/support/hostile-twilio.ts';
import { accountSid } from './signed-event.ts';

const twilio = await hostileTwilio();
const secrets = await fakeSecrets();
const authToken = 'canary-of-the-token';
Object.assign(process.env, {
  TWILIO_SECRET_ID: secrets.add({ accountSid, authToken }),
  TWILIO_API_URL: twilio.url,
  TWILIO_MESSAGING_URL: twilio.url,
  TWILIO_TIMEOUT_MS: '5000',
  MESSAGING_SERVICE_SID: serviceSid,
  PUBLIC_BASE_URL: 'https://calls.example.com',
  STAGE: 'test',
});

const carrier = twilioCarrier;
const phoneNumber = '+19015550120' as E164;
const sid = `PN${'1'.repeat(32)}` as PhoneNumberSid;
const recording = `RE${'1'.repeat(32)}`;
const text = { to: '+16155550111', from: undefined, viaService: true, body: 'Hello', statusPath: undefined };

/** What of ours asks each of them of Twilio. */
const askers: Record<OperationName, () => Promise<unknown>> = {
  searchNumbers: () => carrier().search({ limit: 3 }),
  buyNumber: () => carrier().buy({ phoneNumber, purchaseId: 'pur_1' as PurchaseId }),
  listNumbers: () => carrier().list(),
  configureNumber: () => carrier().configure(sid),
  releaseNumber: () => carrier().release(sid),
  readService: () => carrier().messagingService(),
  updateService: () => carrier().deliverToNumbers(),
  listServiceNumbers: () => carrier().messagingService(),
  addServiceNumber: () => carrier().registerForSms(sid),
  sendMessage: () => twilioTexting().send(text),
  listMessages: () => twilioTexting().findSent({ ...text, isIt: () => true }, new Date()),
  readCall: () => twilioCalls().find(`CA${'1'.repeat(32)}`),
  listCalls: () => twilioCalls().find(`CA${'1'.repeat(32)}`),
  readRecording: () => twilioRecordings().open(recording),
  deleteRecording: () => twilioRecordings().remove(recording),
  listTranscriptions: () => twilioRecordings().remove(recording),
  deleteTranscription: () => twilioRecordings().remove(recording),
  readBalance: () => readBalance(),
};
const names = Object.keys(operations) as OperationName[];
beforeEach(() => {
  // What the SDK waits after a 429 is drawn at random; here it is nothing.
  vi.spyOn(Math, 'random').mockReturnValue(0);
  twilio.asked = [];
  twilio.fails = undefined;
});

afterEach(() => void vi.restoreAllMocks());

describe.each(names)('%s', (operation) => {
  test('is asked of Twilio as the table of operations says', async () => {
    await askers[operation]();
    expect(twilio.asked).toContain(operation);
  });

  test.each(Object.keys(faults) as Fault[])('that meets %s means what the table says', async (fault) => {
    // The download of a recording may take 18 times as long.
    const patience = operation === 'readRecording' ? 8 : 100;
    process.env.TWILIO_TIMEOUT_MS = fault === 'a time-out' ? String(patience) : '5000';
    twilio.fails = { operation, fault };
    // Of a sound that it does not have Twilio speaks no JSON.
    const isSilent = operation === 'readRecording' && fault === 'HTML with 404';
    const { code, next, advice } = meanings[operation][isSilent ? 'missing' : faults[fault]];
    const result = await askers[operation]().catch((error: unknown) => error);
    if (next === 'gone' && operation !== 'configureNumber') return expect(result).toBeUndefined();
    expect(result).toBeInstanceOf(TwilioFailure);
    const { message, ...failure } = result as TwilioFailure;
    expect(failure).toMatchObject({ code, next });
    expect(message).toMatch(/^(Twilio|Twilio's|The) .{20,}: /);
    expect(message.endsWith(advice)).toBe(true);
    if (code === 'MESSAGING_SERVICE_NOT_FOUND') expect(message).toContain(serviceSid);
    expect(result instanceof TwilioBusy).toBe(fault === '429');
    const isNo = ['400', '403', '404', '409'].includes(fault);
    expect(result instanceof TwilioRefusal).toBe(isNo);
    const { cause } = result as { cause?: { config?: unknown; request?: unknown } };
    expect([cause?.config, cause?.request]).toEqual([undefined, undefined]);
  });

  test('means different things when different things go wrong', () => {
    const told = new Set(Object.values(meanings[operation]).map(({ code }) => code));
    expect(told.size).toBeGreaterThanOrEqual(5);
    expect([...told]).not.toContain('INTERNAL');
    for (const code of told) expect(failures).toHaveProperty(code);
  });
});
