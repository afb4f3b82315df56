import { describe, expect, test } from 'vitest';
import { now } from '#shared/clock.ts';
import { numberRepository } from '#shared/numbers/number.repository.ts';
import { completeRelease, startRelease } from '#shared/numbers/transitions.ts';
import { functionRig } from '#test/functions/function-rig.ts';
import { adminClaims, djClaims, serviceClaims } from '#test/shared/http/api-event.ts';
import { cause, phone, writeFree } from '#test/shared/numbers/stored-number.ts';
import { hostileTwilio } from '#test/support/hostile-twilio.ts';

const [rig, twilio] = await Promise.all([functionRig(), hostileTwilio()]);
Object.assign(process.env, { TWILIO_API_URL: twilio.url, TWILIO_MESSAGING_URL: twilio.url });
process.env.POOL_POLICY = '{"autoReplenish": {"monthlyBudgetUsd": 100}}';

const path = '/api/djdash/admin/switches';
const set = (body: unknown, claims: Record<string, unknown> = adminClaims) =>
  rig.ask('switches.updateSwitches', { method: 'PUT', path, body, claims });
const list = (claims: Record<string, unknown> = adminClaims) =>
  rig.ask('switches.listSwitches', { path, claims });
const going = { stopped: false, reason: null, changed_by: null, changed_at: null };

test('everything runs until somebody stops it', async () => {
  expect((await list()).json.switches).toEqual([
    { name: 'texts', ...going },
    { name: 'purchases', ...going },
  ]);
});

test('a switch stands until it is turned again, and tells who turned it and why', async () => {
  const stopped = { stopped: true, reason: 'somebody buys without end' };
  expect(await set({ texts: stopped })).toMatchObject({ status: 200 });
  const at = expect.stringMatching(/^20/);
  const switches = [
    { name: 'texts', ...stopped, changed_by: 'admin:admin-1', changed_at: at },
    { name: 'purchases', ...going },
  ];
  expect((await list()).json.switches).toEqual(switches);
  expect((await set({ texts: { stopped: false } })).json.switches).toMatchObject([
    { stopped: false, reason: null, changed_by: 'admin:admin-1' },
    going,
  ]);
});

test('whoever turns one is recorded with what they turned', async () => {
  await set({ texts: { stopped: true, reason: 'an attack' } });
  const { json } = await rig.ask('auditLog.listEntries', {
    path: '/api/djdash/admin/acts',
    claims: adminClaims,
  });
  expect(json.acts).toContainEqual(
    expect.objectContaining({ actor: 'admin:admin-1', act: `PUT ${path}`, target: { texts: 'stopped' } }),
  );
});

test.each([
  ['nothing', {}, 'body'],
  ['something that cannot be stopped', { texts: { stopped: false }, calls: {} }, 'body.calls'],
  ['a stop without a reason', { purchases: { stopped: true } }, 'body.purchases.reason'],
])('%s is refused', async (_what, body, place) => {
  expect(await set(body)).toMatchObject({ status: 400, json: { details: [{ path: place }] } });
});

test.each([
  ['a DJ', djClaims('dj-ben')],
  ['the service', serviceClaims],
])('%s may neither see nor turn them', async (_who, claims) => {
  expect(await list(claims)).toMatchObject({ status: 403 });
  expect(await set({ texts: { stopped: false } }, claims)).toMatchObject({ status: 403 });
});

describe('while purchases are stopped', () => {
  const pool = '/api/djdash/virtual-numbers/pool';
  const ask = (id: string, method: string, to: string, body: unknown) =>
    rig.ask(id, { method, path: to, body, claims: adminClaims });
  const refused = { status: 503, json: { code: 'PURCHASES_STOPPED' } };
  const stop = () => set({ purchases: { stopped: true, reason: 'an attack' } });
  const resume = () => set({ purchases: { stopped: false } });
  const fill = (orderId: string) =>
    rig.run('pool.fillOrder', { Records: [{ messageId: 'm1', body: JSON.stringify({ orderId }) }] });
  const order = async (id: string) => {
    const to = `${pool}/purchases/${id}`;
    return (await rig.ask('pool.getPurchase', { path: to, params: { id }, claims: adminClaims })).json
      .purchase;
  };

  test('no road leads to Twilio’s shop', { timeout: 60_000 }, async () => {
    const numbers = numberRepository(rig.table);
    const free = await writeFree(numbers, phone(1), now());
    const releasing = startRelease(free, now());
    await numbers.save(free, releasing, cause);
    await numbers.save(releasing, completeRelease(releasing, now()), cause);
    await stop();
    twilio.asked = [];
    const target = { dj_profile_id: 'dj-ben', real_phone_number: '+16155550111' };
    expect(await ask('pool.buyNumbers', 'POST', pool, { count: 2 })).toMatchObject(refused);
    expect(await ask('pool.buyNumbers', 'POST', pool, { count: 30 })).toMatchObject(refused);
    expect(
      await ask('pool.reclaimNumber', 'POST', `${pool}/reclaim`, { phone_number_sid: free.sid }),
    ).toMatchObject(refused);
    expect(await ask('numbers.assignNumber', 'POST', '/api/djdash/virtual-numbers', target)).toMatchObject(
      refused,
    );
    expect(await rig.run('pool.replenishPool', {})).toMatchObject({ bought: 0 });
    expect(twilio.asked).toEqual([]);
    await resume();
    expect(await ask('numbers.assignNumber', 'POST', '/api/djdash/virtual-numbers', target)).toMatchObject({
      status: 201,
      json: { selection: { source: 'purchase' } },
    });
  });

  test('an order waits, and goes on afterwards without having lost anything', async () => {
    const placed = await ask('pool.buyNumbers', 'POST', pool, { count: 21, areaCode: '901' });
    const { id } = placed.json.purchase as { id: string };
    await stop();
    expect(await fill(id)).toEqual({ batchItemFailures: [] });
    expect(await order(id)).toMatchObject({ status: 'paused', bought: 0, failed: 0 });
    expect(await rig.run('pool.resumeOrders', {})).toEqual({ resumed: 0 });
    await resume();
    expect(await rig.run('pool.resumeOrders', {})).toEqual({ resumed: 1 });
    expect(await order(id)).toMatchObject({ status: 'queued' });
    expect(await fill(id)).toEqual({ batchItemFailures: [] });
    expect(await order(id)).toMatchObject({ status: 'done', reason: expect.stringContaining('no number') });
  });
});
