import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { twilioHistory } from '#shared/twilio/history.ts';

type Answer = { status?: number; body: unknown };

let server: Server;
let asked: { url: URL; authorization: string | undefined }[] = [];
let answers: Answer[] = [];
beforeAll(async () => {
  server = createServer(({ url = '', headers }, response) => {
    asked.push({ url: new URL(url, 'http://twilio'), authorization: headers.authorization });
    const { status = 200, body } = answers.shift() ?? { body: {} };
    response.writeHead(status).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => new Promise((resolve) => server.close(resolve)));
beforeEach(() => {
  asked = [];
  answers = [];
});

const since = new Date('2026-11-20T03:00:00.500Z');
const history = () =>
  twilioHistory({
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    accountSid: 'AC1',
    login: ['AC1', 'token'],
  });

const leg = {
  sid: 'CA1',
  parent_call_sid: null,
  direction: 'inbound',
  from: '+12065550123',
  to: '+19015550101',
  status: 'completed',
  duration: '95',
  start_time: 'Fri, 20 Nov 2026 04:00:00 +0000',
  end_time: 'Fri, 20 Nov 2026 04:01:35 +0000',
};
const text = {
  sid: 'SM1',
  direction: 'inbound',
  from: '+12065550123',
  to: '+19015550101',
  body: 'STOP',
  date_sent: 'Fri, 20 Nov 2026 05:00:00 +0000',
  date_created: 'Fri, 20 Nov 2026 05:00:00 +0000',
};

describe('what Twilio remembers', () => {
  test('of calls is read to the last page, oldest first, each with the leg that was answered', async () => {
    const older = { ...leg, sid: 'CA0', from: '+266696687', start_time: 'Fri, 20 Nov 2026 03:30:00 +0000' };
    const forwarded = { ...leg, parent_call_sid: 'CA1', direction: 'outbound-dial' };
    answers = [
      {
        body: {
          calls: [leg, { ...forwarded, sid: 'CA2', status: 'no-answer', duration: '0' }],
          next_page_uri: '/2',
        },
      },
      { body: { calls: [{ ...forwarded, sid: 'CA3', duration: '90' }, older], next_page_uri: null } },
    ];

    const calls = await history().calls(since);

    expect(calls).toMatchObject([
      { callSid: 'CA0', from: 'anonymous', forwarded: undefined },
      {
        callSid: 'CA1',
        from: '+12065550123',
        status: 'completed',
        durationSeconds: 95,
        endedAt: new Date('2026-11-20T04:01:35Z'),
        forwarded: { status: 'completed', durationSeconds: 90 },
      },
    ]);
    expect(asked[0]?.url.searchParams.get('StartTime>')).toBe('2026-11-20T03:00:00Z');
    expect(asked[0]?.authorization).toBe(`Basic ${Buffer.from('AC1:token').toString('base64')}`);
    expect(asked[1]?.url.pathname).toBe('/2');
  });

  test('of texts is what came in and what was sent through the API', async () => {
    const sent = {
      ...text,
      sid: 'SM0',
      direction: 'outbound-api',
      date_sent: null,
      date_created: leg.start_time,
    };
    answers = [{ body: { messages: [text, { ...text, direction: 'outbound-reply' }, sent] } }];

    const texts = await history().texts(since);

    expect(texts).toEqual([
      expect.objectContaining({ messageSid: 'SM0', isInbound: false, at: new Date('2026-11-20T04:00:00Z') }),
      expect.objectContaining({ messageSid: 'SM1', isInbound: true, body: 'STOP' }),
    ]);
  });

  test.each([
    ['wrong credentials', { status: 401, body: {} }, 'Twilio answered 401 .* the credentials'],
    ['trouble', { status: 503, body: {} }, 'Twilio answered 503 .* run this again'],
    [
      'an answer of another form',
      { body: { calls: [{ sid: 5 }] } },
      'list of Calls cannot be read:\n[^]*sid',
    ],
  ])('is refused in a sentence after %s', async (_what, answer, sentence) => {
    answers = [answer];

    await expect(history().calls(since)).rejects.toThrow(new RegExp(sentence));
  });
});
