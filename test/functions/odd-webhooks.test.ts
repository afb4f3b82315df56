import { describe, expect, test, vi } from 'vitest';
import { routes } from '#functions/routes.ts';
import type { Route } from '#shared/http/route.ts';
import { callIdOf } from '#shared/id.ts';
import { keys } from '#shared/table/keys.ts';
import { functionRig } from '#test/functions/function-rig.ts';
import { callSid } from '#test/shared/calls/stored-call.ts';
import { sampleOf } from '#test/support/depth.ts';

const rig = await functionRig();

const webhooks = Object.entries(routes).flatMap(([domain, named]) =>
  Object.entries(named as Record<string, () => Route>)
    .map(([name, contract]) => ({ id: `${domain}.${name}`, path: contract().path }))
    .filter(
      (_route, index) => Object.values(named as Record<string, () => Route>)[index]?.().auth[0] === 'twilio',
    ),
);

/** Every field that a webhook of ours reads, as Twilio sends it. */
const honest: Record<string, string> = {
  CallSid: callSid(1),
  From: '+16155550123',
  To: '+19015550100',
  CallStatus: 'in-progress',
  CallDuration: '101',
  CallerName: 'ANNA',
  StirVerstat: 'TN-Validation-Passed-A',
  DialCallStatus: 'no-answer',
  DialBridged: 'false',
  DialCallDuration: '95',
  Digits: '1',
  RecordingSid: `RE${'0'.repeat(32)}`,
  RecordingUrl: 'https://api.example.com/r',
  RecordingStatus: 'completed',
  RecordingDuration: '12',
  MessageSid: `SM${'0'.repeat(32)}`,
  MessageStatus: 'delivered',
  ErrorCode: '30003',
  ErrorUrl: 'https://example.com/',
  Body: 'Are you free in June?',
};
/** Only of some webhooks: with them the others would tell of something else. */
const rare: Record<string, string> = {
  OptOutType: 'STOP',
  TranscriptionStatus: 'completed',
  TranscriptionText: 'A wedding in June',
};

const odd: [what: string, value: string | string[]][] = [
  ['empty', ''],
  ['huge', 'x'.repeat(20_000)],
  ['huge in bytes', '€'.repeat(3000)],
  ['of another alphabet', '٣🎧é\u0000\u2028'],
  ['negative', '-1'],
  ['hexadecimal', '0x10'],
  ['with an exponent', '1e9'],
  ['padded', ' 5 '],
  ['a day and a second', '86401'],
  ['half an emoji', '\ud83c'],
  ['the end of a text', '\uffff'],
  ['a name of the language', '__proto__'],
  ['a path', 'a.b#c'],
  ['repeated', Array.from({ length: 100 }, (_, index) => String(index))],
];

let calls = 0;
async function send(id: string, path: string, fields: [string, string][]) {
  const sid = callSid(1000 + ++calls);
  const callId = callIdOf(sid);
  const form = fields.map(([name, value]): [string, string] => [
    name,
    value === honest.CallSid ? sid : value,
  ]);
  await rig.table.update(keys.call(callId), {
    set: { entity: 'call', id: callId, seenAt: '2026-01-01', createdAt: '', updatedAt: '', source: 'twilio' },
  });
  const answer = await rig.webhook(id, { path: path.replace('{callId}', callId), params: { callId }, form });
  const item = await rig.table.get(keys.call(callId));
  return { ...answer, bytes: Buffer.byteLength(JSON.stringify(item)) };
}

/** The fields that a webhook reads: no other can do anything to it. */
async function fieldsRead(id: string, path: string): Promise<string[]> {
  const get = vi.spyOn(URLSearchParams.prototype, 'get');
  try {
    await send(id, path, Object.entries(honest));
    for (const one of Object.entries(rare)) await send(id, path, [...Object.entries(honest), one]);
    return [...new Set(get.mock.calls.map(([name]) => name))].filter(
      (name) => name in honest || name in rare,
    );
  } finally {
    get.mockRestore();
  }
}

describe.each(webhooks)('$id', ({ id, path }) => {
  test('takes what Twilio sends', async () => {
    expect((await send(id, path, Object.entries(honest))).status).toBeLessThan(300);
  });

  test('answers odd fields in good form, and keeps no more of them than of honest ones', async () => {
    const fields = await fieldsRead(id, path);
    expect(fields).toContain('CallSid');
    for (const field of fields) {
      const usual = Object.entries(honest).filter(([name]) => name !== field);
      for (const [what, value] of sampleOf(odd, 4, `${id} ${field}`)) {
        const values = Array.isArray(value) ? value : [value];
        const sent = [...usual, ...values.map((one): [string, string] => [field, one])];
        const { status, bytes, text } = await send(id, path, sent);
        expect([200, 204, 400, 404], `${field} ${what}: ${text}`).toContain(status);
        expect(bytes, `${field} ${what}`).toBeLessThan(16_000);
        expect(text.length, `${field} ${what}`).toBeLessThan(4000);
      }
    }
  });
});

test('a call to which every field came odd, in every way, is still a small item', async () => {
  const sid = callSid(1);
  const callId = callIdOf(sid);
  for (const { id, path } of webhooks) {
    for (const [, value] of odd) {
      const worst = Array.isArray(value) ? 'x'.repeat(3000) : value;
      const names = [
        'CallerName',
        'StirVerstat',
        'CallStatus',
        'DialCallStatus',
        'MessageStatus',
        'RecordingUrl',
        'ErrorCode',
        'TranscriptionText',
      ];
      // 20,000 characters each would be more than a webhook may be.
      const form = {
        ...honest,
        ...rare,
        ...Object.fromEntries(names.map((name) => [name, worst.slice(0, 400)])),
      };
      await rig.webhook(id, { path: path.replace('{callId}', callId), params: { callId }, form });
    }
  }
  const item = await rig.table.get(keys.call(callId));
  const words = Object.keys(item ?? {}).filter((name) => /^(status|dial|delivery)_/.test(name));
  expect(words.toSorted()).toEqual(['delivery_other', 'dial_other', 'status_other']);
  expect(Buffer.byteLength(JSON.stringify(item))).toBeLessThan(8000);
});
