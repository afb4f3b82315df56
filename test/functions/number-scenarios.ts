import { addSeconds, now } from '#shared/clock.ts';
import { numberRepository } from '#shared/numbers/number.repository.ts';
import { type VirtualNumber } from '#shared/numbers/number.ts';
import { purchaseCounter } from '#shared/numbers/purchase-counter.ts';
import { completeRelease, startRelease } from '#shared/numbers/transitions.ts';
import { orderRepository } from '#shared/orders/order.repository.ts';
import { placeOrder } from '#shared/orders/place-order.ts';
import { switchRepository } from '#shared/switches/switch.repository.ts';
import { keys } from '#shared/table/keys.ts';
import { adminClaims } from '#test/shared/http/api-event.ts';
import { cause, dj, holder, phone, writeAssigned, writeFree } from '#test/shared/numbers/stored-number.ts';
import type { HostileTwilio } from '#test/support/hostile-twilio.ts';
import type { FunctionRig } from './function-rig.ts';

/** A function at work that asks Twilio for something. Made anew for every run. */
export interface Scenario {
  id: string;
  /** Lets the function have something to do, and answers what does it. */
  prepare(): Promise<() => Promise<unknown>>;
}

const pool = '/api/djdash/virtual-numbers/pool';

/** Functions that buy, release, compare and configure numbers. */
export function numberScenarios(rig: FunctionRig, twilio: HostileTwilio): Scenario[] {
  const { table } = rig;
  const numbers = numberRepository(table);
  let runs = 0;

  /** No numbers here or at Twilio. */
  async function clean(): Promise<void> {
    runs++;
    twilio.owned = [];
    twilio.deliversToNumbers = true;
    for (const status of ['purchasing', 'available', 'assigned', 'cooling', 'releasing'] as const) {
      for (const { phoneNumber, holder: held } of (await numbers.inState(status, { limit: 100 })).numbers) {
        await table.transact([{ delete: keys.number(phoneNumber) }]);
        if (held !== null) await table.transact([{ delete: keys.djNumber(held.djProfileId) }]);
      }
    }
  }

  /** A free number that Twilio has as well, with our webhooks if it is told so. */
  async function stock(n: number): Promise<VirtualNumber> {
    const free = await writeFree(numbers, phone(n), now());
    twilio.owned.push({ phoneNumber: free.phoneNumber, sid: String(free.sid) });
    return free;
  }

  async function held(n: number, name: string) {
    return writeAssigned(numbers, await stock(n), holder(dj(name)), now());
  }

  const ask = (id: string, method: string, path: string, more: object) => () =>
    rig.ask(id, { method, path, claims: adminClaims, ...more });
  const message = (id: string, body: object) => () =>
    rig.run(id, { Records: [{ messageId: 'm1', body: JSON.stringify(body) }] });

  /** One number for every repair that asks Twilio for something. */
  async function disorder(): Promise<void> {
    await clean();
    await stock(1);
    const releasing = await stock(2);
    await numbers.save(releasing, startRelease(releasing, addSeconds(now(), -600)), cause);
    twilio.deliversToNumbers = false;
  }

  return [
    {
      id: 'numbers.assignNumber',
      async prepare() {
        await clean();
        const body = { dj_profile_id: `dj-run-${runs}`, real_phone_number: '+16155550111' };
        return ask('numbers.assignNumber', 'POST', '/api/djdash/virtual-numbers', { body });
      },
    },
    {
      id: 'numbers.assignNumbers',
      async prepare() {
        await clean();
        const one = { dj_profile_id: `dj-run-${runs}`, real_phone_number: '+16155550111' };
        const body = { assignments: [one] };
        return ask('numbers.assignNumbers', 'POST', '/api/djdash/virtual-numbers/batch', { body });
      },
    },
    {
      id: 'pool.searchStock',
      async prepare() {
        await clean();
        return ask('pool.searchStock', 'POST', `${pool}/search`, { body: {} });
      },
    },
    {
      id: 'pool.releaseNumbers',
      async prepare() {
        await clean();
        const { sid } = await stock(1);
        const body = { phone_number_sids: [sid] };
        return ask('pool.releaseNumbers', 'POST', `${pool}/release-many`, { body });
      },
    },
    {
      id: 'numbers.diagnoseNumber',
      async prepare() {
        await clean();
        await held(1, `run-${runs}`);
        const query = { dj_profile_id: `dj-run-${runs}` };
        return ask('numbers.diagnoseNumber', 'GET', '/api/djdash/virtual-numbers/diagnostics', { query });
      },
    },
    {
      id: 'pool.buyNumbers',
      async prepare() {
        await clean();
        return ask('pool.buyNumbers', 'POST', pool, { body: { count: 1 } });
      },
    },
    {
      id: 'pool.fillOrder',
      async prepare() {
        await clean();
        const deps = {
          orders: orderRepository(table),
          purchases: purchaseCounter(table, 100_000),
          switches: switchRepository(table),
          now,
        };
        const wanted = { count: 1, areaCode: String(200 + runs), actor: 'admin:tests' };
        const { id } = await placeOrder(deps, wanted);
        const fill = message('pool.fillOrder', { orderId: id });
        // What was refused stands in the order.
        const path = `${pool}/purchases/${id}`;
        return async () => [
          await fill(),
          await rig.ask('pool.getPurchase', { path, params: { id }, claims: adminClaims }),
        ];
      },
    },
    {
      id: 'pool.replenishPool',
      async prepare() {
        await clean();
        return () => rig.run('pool.replenishPool', {});
      },
    },
    {
      id: 'pool.reclaimNumber',
      async prepare() {
        await clean();
        const number = await stock(1);
        const releasing = startRelease(number, now());
        await numbers.save(number, releasing, cause);
        await numbers.save(releasing, completeRelease(releasing, now()), cause);
        const body = { phone_number_sid: number.sid };
        return ask('pool.reclaimNumber', 'POST', `${pool}/reclaim`, { body });
      },
    },
    {
      id: 'pool.releaseNumber',
      async prepare() {
        await clean();
        const { sid } = await stock(1);
        return ask('pool.releaseNumber', 'DELETE', pool, { body: { phone_number_sid: sid } });
      },
    },
    {
      id: 'pool.registerNumber',
      async prepare() {
        await clean();
        const { sid } = await stock(1);
        return ask('pool.registerNumber', 'POST', `${pool}/registrations`, {
          body: { phone_number_sid: sid },
        });
      },
    },
    {
      id: 'pool.importNumbers',
      async prepare() {
        await clean();
        twilio.owned = [{ phoneNumber: phone(9), sid: `PN${'9'.repeat(32)}` }];
        await table.transact([{ delete: keys.number(phone(9)) }]);
        return ask('pool.importNumbers', 'POST', `${pool}/import`, { body: {} });
      },
    },
    {
      id: 'pool.runAudit',
      async prepare() {
        await disorder();
        return ask('pool.runAudit', 'POST', `${pool}/audits`, { body: {} });
      },
    },
    {
      id: 'pool.auditPool',
      async prepare() {
        await disorder();
        return async () => {
          await rig.run('pool.auditPool', {});
          const query = { limit: '1' };
          return rig.ask('pool.listAudits', { path: `${pool}/audits`, query, claims: adminClaims });
        };
      },
    },
    {
      id: 'pool.repointNumbers',
      async prepare() {
        await clean();
        const { phoneNumber, sid } = await stock(1);
        const voiceUrl = 'https://former.example.com/api/djdash/calls/incoming';
        twilio.owned = [{ phoneNumber, sid: String(sid), voiceUrl }];
        await table.transact([{ delete: keys.repointing() }]);
        return () => rig.run('pool.repointNumbers', {});
      },
    },
    { id: 'pool.checkBalance', prepare: async () => () => rig.run('pool.checkBalance', {}) },
  ];
}
