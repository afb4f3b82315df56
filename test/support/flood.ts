import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js';
import { routes } from '#functions/routes.ts';
import { declared } from '#infra/contracts.ts';
import type { StackDescription } from '#infra/local/stack.ts';

/** 80 KB of one parameter: read carelessly it takes ten seconds. */
const body = 'k&'.repeat(40 * 1024);
const form = { 'content-type': 'application/x-www-form-urlencoded' };
/** Half of the requests say that they are signed: these are looked at more closely. */
const shaped = (unixSeconds: number) => ({
  ...form,
  'x-twilio-signature': 'L/OH5YylLD5NRKLltdqwSvS0BnU=',
  'tipjar-signature': `t=${unixSeconds},v1=${'0'.repeat(64)}`,
});

/** Paths of the webhooks, as anybody may call them. */
export const webhookPaths = declared(routes)
  .filter(({ contract: { auth } }) => auth[0] === 'twilio' || auth[0] === 'tipjar')
  .map(({ contract }) => contract.path.replace('{callId}', `call_${'0'.repeat(32)}`));

/** A call as Twilio announces it; answers how long it took and what came back. */
export async function incomingCall({ api, publicBaseUrl, twilio }: StackDescription, to: string, n: number) {
  const path = '/api/djdash/calls/incoming';
  const fields = {
    CallSid: `CA${n.toString(16).padStart(32, 'c')}`,
    From: `+1206555${String(100 + (n % 90)).padStart(4, '0')}`,
    To: to,
    CallStatus: 'ringing',
  };
  const signature = getExpectedTwilioSignature(twilio.authToken, publicBaseUrl + path, fields);
  const startedAt = performance.now();
  const response = await fetch(api + path, {
    method: 'POST',
    headers: { ...form, 'x-twilio-signature': signature },
    body: new URLSearchParams(fields),
  });
  const twiml = await response.text();
  return { ms: performance.now() - startedAt, status: response.status, twiml };
}

/** Sends so many large requests that nobody signed to each path at once; answers how often each status came. */
export async function flood(api: string, requests: Readonly<Record<string, number>>) {
  const statuses: Record<number, number> = {};
  const send = async (path: string, index: number) => {
    const headers = index % 2 === 0 ? form : shaped(Math.floor(Date.now() / 1000));
    const response = await fetch(api + path, { method: 'POST', headers, body });
    await response.arrayBuffer();
    statuses[response.status] = (statuses[response.status] ?? 0) + 1;
  };
  await Promise.all(
    Object.entries(requests).flatMap(([path, count]) =>
      Array.from({ length: count }, (_, index) => send(path, index)),
    ),
  );
  return statuses;
}

/** Signed calls one after another for as long as `meanwhile` lasts. */
export async function callsDuring(
  stack: StackDescription,
  to: string,
  meanwhile: Promise<unknown>,
): Promise<Awaited<ReturnType<typeof incomingCall>>[]> {
  const calls = [];
  const over = meanwhile.then(() => 'over' as const);
  for (;;) {
    const call = incomingCall(stack, to, Math.floor(Math.random() * 2 ** 40));
    const first = await Promise.race([over, call]);
    calls.push(await call);
    if (first === 'over') return calls;
  }
}
