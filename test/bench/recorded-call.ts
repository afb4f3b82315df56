import type { Stack, TraceCall, TracedInvocation } from '#infra/local/stack.ts';

/** Everything that functions did from one moment to another, while nothing else went on. */
export interface Recording {
  calls: readonly TraceCall[];
  invocations: readonly TracedInvocation[];
}

/** The life of one call of 95 s, taken by the DJ. */
export interface RecordedCall {
  /** From the first ring to the link that was delivered, counted. */
  call: Recording;
  /** What came of the payment that followed it. */
  payment: Recording;
  /** What the DJ's page and app then ask, and the assignment of a number to the next DJ. */
  requests: Recording;
}

const areaCode = '901';

/** Replies so slow that what is asked side by side overlaps on a busy machine too. */
export const countingMs = 20;
/** Replies about as slow as a table in the same region. */
export const likeAwsMs = 5;

/**
 * Plays calls with their payments on functions that are warm, and records what these ask of AWS; each with a caller who
 * never called before. The stack must be a fresh one.
 */
export async function recordCalls(
  stack: Stack,
  calls: number,
  replyAfterMs: number,
): Promise<RecordedCall[]> {
  const client = await clientOf(stack);
  await client.api('POST', '/api/djdash/virtual-numbers/pool', { count: calls + 2, areaCode });
  const number = await client.assign('dj-0');
  const recorded = async (work: () => Promise<unknown>): Promise<Recording> => {
    stack.trace.reset();
    await work();
    await stack.idle();
    return { calls: stack.trace.calls(), invocations: [...stack.trace.invocations()] };
  };
  const life = async (turn: number): Promise<RecordedCall> => {
    const call = await recorded(() => client.call(`+1206555019${turn}`, number));
    const [{ id, tipjar_link: link }] = await client.calls();
    if (link === null) throw new Error('the call got no payment link');
    await stack.idle();
    const payment = await recorded(() => client.pay(link));
    const requests = await recorded(async () => {
      await client.api('GET', '/api/djdash/virtual-numbers?dj_profile_id=dj-0');
      await client.api('GET', '/api/djdash/public/virtual-numbers/dj-0');
      await client.api('GET', `/api/djdash/calls/${id}`);
      await client.calls();
      await client.api('GET', '/api/djdash/calls/analytics?dj_profile_id=dj-0');
      await client.assign(`dj-${turn + 1}`);
    });
    return { call, payment, requests };
  };
  // Functions read their secrets once in five minutes, and open their connections.
  await life(0);
  stack.trace.look({ replyAfterMs });
  try {
    const lives: RecordedCall[] = [];
    for (let turn = 1; turn <= calls; turn++) lives.push(await life(turn));
    return lives;
  } finally {
    stack.trace.look(undefined);
  }
}

/** What the platform's backend asks; of an admin each act is recorded, which costs a write more. */
async function clientOf(stack: Stack) {
  const token = await stack.token('service');
  const { api: apiUrl, control } = stack.description;
  const ask = async (url: string, method: string, body?: object): Promise<Record<string, unknown>> => {
    const response = await fetch(url, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text}`);
    return JSON.parse(text) as Record<string, unknown>;
  };
  const api = (method: string, path: string, body?: object) => ask(apiUrl + path, method, body);
  return {
    api,
    async assign(djProfileId: string): Promise<string> {
      const body = {
        dj_profile_id: djProfileId,
        real_phone_number: '+16155550100',
        display_name: 'DJ Ben',
        area_code: areaCode,
      };
      const answer = await api('POST', '/api/djdash/virtual-numbers', body);
      return (answer.virtualNumber as { virtual_number: string }).virtual_number;
    },
    call: (from: string, to: string) => ask(`${control}/_sim/calls`, 'POST', { from, to, talkSeconds: 95 }),
    async calls() {
      const { calls } = await api('GET', '/api/djdash/calls?dj_profile_id=dj-0&limit=1');
      return calls as [{ id: string; tipjar_link: string | null }];
    },
    async pay(link: string): Promise<void> {
      const paid = await fetch(link, { method: 'POST', body: new URLSearchParams({ amount: '50.00' }) });
      if (!paid.ok) throw new Error(`the pay page answered ${paid.status}`);
    },
  };
}
