import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll } from 'vitest';
import type { Trouble } from '#shared/twilio/meanings.ts';
import { type OperationName, operations } from '#shared/twilio/operations.ts';

/** Each way in which Twilio can fail to do what it is asked to, and the trouble that it is. */
export const faults = {
  '401': 'unauthenticated',
  '403': 'forbidden',
  '404': 'missing',
  '409': 'conflicting',
  '400': 'refused',
  '429': 'busy',
  '500': 'failing',
  'a time-out': 'timedOut',
  'a broken connection': 'unreachable',
  'an empty body': 'unreadable',
  HTML: 'unreadable',
  'HTML with 403': 'unreadable',
  'HTML with 404': 'unreadable',
} as const satisfies Record<string, Trouble>;
export type Fault = keyof typeof faults;

const codes: Readonly<Record<string, number>> = {
  '400': 21452,
  '401': 20003,
  '403': 20005,
  '404': 20404,
  '409': 20409,
  '429': 20429,
  '500': 20500,
};

export const serviceSid = `MG${'1'.repeat(32)}`;

/** A Twilio that does what it is asked to, but for one thing. */
export interface HostileTwilio {
  url: string;
  /** What was asked of it. */
  asked: OperationName[];
  /** What it fails to do, and how; everything is done without it. */
  fails: { operation: OperationName; fault: Fault } | undefined;
  /** Numbers that the account owns. */
  owned: { phoneNumber: string; sid: string; voiceUrl?: string; friendlyName?: string }[];
  /** Whether the Messaging Service leaves texts to the webhooks of its numbers. */
  deliversToNumbers: boolean;
}

export async function hostileTwilio(): Promise<HostileTwilio> {
  const patterns = Object.entries(operations).map(([name, { method, path }]) => ({
    name: name as OperationName,
    pattern: new RegExp(`^${method} ${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`),
  }));
  const server = createServer(async (request, response) => {
    const form = new URLSearchParams(await text(request));
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://twilio');
    const known = patterns.find(({ pattern }) => pattern.test(`${request.method} ${pathname}`));
    if (known === undefined) return void response.writeHead(599).end();
    twilio.asked.push(known.name);
    if (twilio.fails?.operation === known.name) return fail(twilio.fails.fault, request, response);
    answer(twilio, known.name, { form, query: searchParams, path: pathname }, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  const twilio: HostileTwilio = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: [],
    fails: undefined,
    owned: [],
    deliversToNumbers: true,
  };
  return twilio;
}

function fail(fault: Fault, request: IncomingMessage, response: ServerResponse): void {
  if (fault === 'a time-out') return;
  if (fault === 'a broken connection') request.socket.destroy();
  else if (fault === 'an empty body') response.writeHead(200, { 'content-length': 0 }).end();
  else if (fault === 'HTML with 403' || fault === 'HTML with 404')
    response.writeHead(Number(fault.slice(-3)), { 'content-type': 'text/html' }).end('<html>Not here</html>');
  else if (fault === 'HTML')
    response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Sign in</html>');
  else {
    response.writeHead(Number(fault), { 'content-type': 'application/json' });
    response.end(JSON.stringify({ code: codes[fault], message: 'as the test wants', status: Number(fault) }));
  }
}

interface Asked {
  form: URLSearchParams;
  query: URLSearchParams;
  path: string;
}

function answer(
  twilio: HostileTwilio,
  name: OperationName,
  { form, query, path }: Asked,
  response: ServerResponse,
): void {
  const json = (status: number, body?: unknown) =>
    void response
      .writeHead(status, { 'content-type': 'application/json' })
      .end(body === undefined ? undefined : JSON.stringify(body));
  const shown = ({ phoneNumber, sid, voiceUrl, friendlyName }: HostileTwilio['owned'][number]) => ({
    sid,
    phone_number: phoneNumber,
    friendly_name: friendlyName ?? '',
    capabilities: { voice: true, sms: true, mms: true },
    voice_url: voiceUrl ?? '',
    voice_fallback_url: '',
    status_callback: '',
    sms_url: '',
  });
  const service = { sid: serviceSid, use_inbound_webhook_on_number: twilio.deliversToNumbers };
  const answers: Record<OperationName, () => void> = {
    searchNumbers: () =>
      json(200, {
        available_phone_numbers: [20, 21, 22].map((n) => ({ phone_number: `+190155501${n}` })),
      }),
    buyNumber: () => {
      const phoneNumber = form.get('PhoneNumber') ?? '';
      const number = { phoneNumber, sid: `PN${phoneNumber.slice(1).padStart(32, '0')}` };
      json(201, shown(number));
    },
    listNumbers: () => {
      const wanted = query.get('PhoneNumber');
      const found = twilio.owned.filter(({ phoneNumber }) => wanted === null || phoneNumber.includes(wanted));
      json(200, { incoming_phone_numbers: found.map(shown) });
    },
    configureNumber: () => json(200, shown({ phoneNumber: '+19015550120', sid: `PN${'0'.repeat(32)}` })),
    releaseNumber: () => json(204),
    readService: () => json(200, service),
    updateService: () => json(200, service),
    listServiceNumbers: () => json(200, { phone_numbers: [], meta: { key: 'phone_numbers' } }),
    addServiceNumber: () => json(201, { sid: form.get('PhoneNumberSid') }),
    sendMessage: () => json(201, { sid: `SM${'1'.repeat(32)}` }),
    listMessages: () => json(200, { messages: [] }),
    readCall: () =>
      json(200, {
        sid: path.slice(-39, -5),
        status: 'completed',
        duration: '60',
        end_time: 'Mon, 02 Mar 2026 18:01:00 +0000',
        from: '+16155550123',
        to: '+19015550100',
      }),
    listCalls: () => json(200, { calls: [] }),
    readRecording: () => void response.writeHead(200, { 'content-type': 'audio/mpeg' }).end('a sound'),
    deleteRecording: () => json(204),
    listTranscriptions: () => json(200, { transcriptions: [{ sid: `TR${'1'.repeat(32)}` }] }),
    deleteTranscription: () => json(204),
    readBalance: () => json(200, { account_sid: 'AC1', balance: '43.21', currency: 'USD' }),
  };
  answers[name]();
}
