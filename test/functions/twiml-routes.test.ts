import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { contracts, declared } from '#infra/contracts.ts';
import type { Route } from '#shared/http/route.ts';
import { callIdOf } from '#shared/id.ts';
import { functionRig } from '#test/functions/function-rig.ts';
import { callSid } from '#test/shared/calls/stored-call.ts';

const rig = await functionRig();
const twimlRoutes = declared(contracts.routes).filter(
  ({ contract }) => contract.auth[0] === 'twilio' && contract.status === 200,
);
const callId = callIdOf(callSid(1));
const bytesMax = 64 * 1024;
/** The verbs that we answer with. */
const verbs = ['Say', 'Dial', 'Number', 'Record', 'Gather', 'Hangup', 'Reject', 'Message'];

const honest = {
  AccountSid: `AC${'0'.repeat(32)}`,
  CallSid: callSid(1),
  MessageSid: `SM${'0'.repeat(32)}`,
  From: '+16155550123',
  To: '+19015550100',
  CallStatus: 'in-progress',
  DialCallStatus: 'no-answer',
  DialBridged: 'false',
  RecordingSid: `RE${'0'.repeat(32)}`,
  RecordingUrl: 'https://api.example.com/r',
  RecordingDuration: '12',
  Body: 'Are you free in June?',
};

const ask = (id: string, { path }: Route, form: Record<string, string>, rawQuery?: string) =>
  rig.webhook(id, {
    path: path.replace('{callId}', callId),
    params: { callId },
    form,
    ...(rawQuery !== undefined && { rawQuery }),
  });

function tagsOf(twiml: string): string[] {
  expect(XMLValidator.validate(twiml)).toBe(true);
  expect(Object.keys(new XMLParser().parse(twiml) as object)).toEqual(['?xml', 'Response']);
  return [...twiml.matchAll(/<(\w+)/g)].map(([, tag = '']) => tag).filter((tag) => tag !== 'Response');
}

test('every endpoint that Twilio asks for TwiML is looked at', () => {
  expect(twimlRoutes.map(({ id }) => id)).toEqual(
    expect.arrayContaining(['calls.answerCall', 'calls.completeDial', 'messages.receiveMessage']),
  );
});

describe.each(twimlRoutes)('$id', ({ id, contract }) => {
  afterEach(() => rig.tableDown(false));

  test.each([
    ['what Twilio sends while the table is down', honest, true],
    ['a text that asks for no more texts while the table is down', { ...honest, Body: 'STOP' }, true],
    ['nothing while the table is down', {}, true],
    ['nothing', {}, false],
    ['words of no meaning', Object.fromEntries(Object.keys(honest).map((name) => [name, '\ufffe?!'])), false],
  ])('answers %s with TwiML', async (_what, form, down) => {
    rig.tableDown(down);
    const { status, headers, text } = await ask(id, contract, form);
    expect([status, headers['content-type']]).toEqual([200, 'text/xml']);
    expect(Buffer.byteLength(text)).toBeLessThan(bytesMax);
    expect(verbs).toEqual(expect.arrayContaining(tagsOf(text)));
  });
});

describe('a phone that is asked to press 1', () => {
  const whisper = twimlRoutes.find(({ id }) => id === 'calls.answerWhisper')?.contract as Route;
  const answered = (form: Record<string, string> = {}, rawQuery?: string) =>
    ask('calls.answerWhisper', whisper, { ...honest, ...form }, rawQuery);
  beforeEach(() => rig.tableDown(true));
  afterEach(() => rig.tableDown(false));

  test('is asked with the table down too, and hung up on if nobody does', async () => {
    expect(tagsOf((await answered()).text)).toEqual(['Gather', 'Say', 'Hangup']);
  });

  test('is asked when nothing is known of the call, which was not written', async () => {
    rig.tableDown(false);
    expect(tagsOf((await answered()).text)).toEqual(['Gather', 'Say', 'Hangup']);
  });

  test('is connected after 1 and after nothing else', async () => {
    expect(tagsOf((await answered({ Digits: '1' })).text)).toEqual([]);
    for (const Digits of ['2', '0', '*', '11'])
      expect(tagsOf((await answered({ Digits })).text)).toEqual(['Hangup']);
  });

  test('is told apart by the signed address from one that only hears a whisper', async () => {
    expect(tagsOf((await answered({}, 'screened=false')).text)).toEqual([]);
    for (const query of ['screened=true', 'screened=false&x=1', 'Screened=false'])
      expect(tagsOf((await answered({}, query)).text)).toEqual(['Gather', 'Say', 'Hangup']);
  });
});
