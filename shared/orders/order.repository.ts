import { Failure } from '#shared/failure.ts';
import type { OrderId } from '#shared/id.ts';
import { addition, type PurchaseCounter } from '#shared/numbers/purchase-counter.ts';
import { ConditionFailed, type Item, type Table, type Write } from '#shared/table/client.ts';
import { absent, below, either, equals } from '#shared/table/conditions.ts';
import { indexKeys, keys, partitions } from '#shared/table/keys.ts';
import { type Order, type OrderLine, orderLine, storedOrder } from './order.ts';

/** Purchases that run, and what each of them bought. */
export type OrderRepository = ReturnType<typeof orderRepository>;

/** What is bought, whoever buys it: two such purchases never run at once. */
export interface Wanted {
  count: number;
  areaCode: string | undefined;
}

const keptDays = 365;

export function orderRepository(table: Table) {
  return {
    /**
     * Keeps others from buying the same until then.
     * @throws Failure PURCHASE_IN_PROGRESS
     */
    async lock(wanted: Wanted, holder: string, now: Date, until: Date): Promise<void> {
      try {
        await table.transact([lockWrite(wanted, holder, now, until)]);
      } catch (error) {
        throw error instanceof ConditionFailed ? inProgress(error) : error;
      }
    },

    async unlock(wanted: Wanted, holder: string): Promise<void> {
      try {
        await table.transact([unlockWrite(wanted, holder)]);
      } catch (error) {
        if (!(error instanceof ConditionFailed)) throw error;
      }
    },

    /**
     * Writes the order, its lock and its share of the day's cap, all or nothing. The change of the table starts the worker.
     * @throws Failure PURCHASE_IN_PROGRESS, PURCHASE_CAP_REACHED
     */
    async place(order: Order, purchases: PurchaseCounter, lockedUntil: Date): Promise<void> {
      const now = new Date(order.createdAt);
      const wanted = wantedOf(order);
      try {
        await table.transact([
          lockWrite(wanted, order.id, now, lockedUntil),
          purchases.reservation(order.count, now),
          { put: itemOf(order), if: absent('pk') },
        ]);
      } catch (error) {
        if (!(error instanceof ConditionFailed)) throw error;
        throw error.index === 0 ? inProgress(error) : purchases.refused(now, error);
      }
    },

    async find(orderId: string): Promise<Order | undefined> {
      const item = await table.get(keys.order(orderId));
      return item && storedOrder.parse(item.record);
    },

    /** All numbers that the order tried to buy. */
    async lines(orderId: string): Promise<OrderLine[]> {
      const lines: OrderLine[] = [];
      let after: Record<string, string> | undefined;
      do {
        const page = await table.query({
          pk: keys.order(orderId).pk,
          from: 'LINE#',
          to: 'LINE#\uffff',
          limit: 500,
          after,
        });
        lines.push(...page.items.map((item) => orderLine.parse(item)));
        after = page.next;
      } while (after !== undefined);
      return lines;
    },

    /** Notes that the order is about to buy this number; false when it tried before. */
    async tryLine(orderId: OrderId, phoneNumber: string, now: Date): Promise<boolean> {
      const line: OrderLine = { phoneNumber, status: 'trying', code: null, reason: null };
      const at = now.toISOString();
      try {
        await table.put(
          {
            ...keys.orderLine(orderId, phoneNumber),
            entity: 'order-line',
            ...line,
            createdAt: at,
            updatedAt: at,
            expiresAt: expiry(now),
          },
          absent('pk'),
        );
        return true;
      } catch (error) {
        if (error instanceof ConditionFailed) return false;
        throw error;
      }
    },

    async endLine(orderId: OrderId, line: OrderLine, now: Date): Promise<void> {
      const { phoneNumber, ...end } = line;
      await table.update(keys.orderLine(orderId, phoneNumber), {
        set: { ...end, updatedAt: now.toISOString() },
      });
    },

    /** Notes that a worker takes the order up, or is to take it up again: the change of the table starts it. */
    async begin(order: Order, status: 'queued' | 'running', lockedUntil: Date, now: Date): Promise<Order> {
      const begun: Order = {
        ...order,
        status,
        attempts: order.attempts + 1,
        updatedAt: now.toISOString(),
      };
      await table.transact([
        { put: itemOf(begun), if: equals('record.attempts', order.attempts) },
        lockWrite(wantedOf(order), order.id, now, lockedUntil),
      ]);
      return begun;
    },

    /** Lays the order aside until somebody begins it again. */
    async pause(order: Order, now: Date): Promise<void> {
      const paused: Order = { ...order, status: 'paused', updatedAt: now.toISOString() };
      await table.put(itemOf(paused), equals('record.attempts', order.attempts));
    },

    /** Ends the order: gives back its lock and what it did not buy of the day's cap, in one transaction. */
    async finish(order: Order, unbought: number, reason: string | null, now: Date): Promise<void> {
      const at = now.toISOString();
      const done: Order = { ...order, status: 'done', reason, updatedAt: at, finishedAt: at };
      const writes: Write[] = [
        { put: itemOf(done), if: equals('record.attempts', order.attempts) },
        unlockWrite(wantedOf(order), order.id),
      ];
      if (unbought > 0) writes.push(addition(-unbought, new Date(order.createdAt)));
      await table.transact(writes);
    },

    /** Orders without an end that nobody worked on since then; at most 100. */
    async unfinished(before: Date): Promise<Order[]> {
      const page = await table.query({
        index: 'gsi2',
        pk: `${partitions.orders}UNFINISHED`,
        to: before.toISOString(),
        limit: 100,
      });
      return page.items.map((item) => storedOrder.parse(item.record));
    },
  };
}

function wantedOf(order: Order): Wanted {
  return { count: order.count, areaCode: order.areaCode ?? undefined };
}

function itemOf(order: Order): Item & { pk: string; sk: string } {
  return {
    ...keys.order(order.id),
    ...(order.status !== 'done' && indexKeys.unfinishedOrders(order.updatedAt, order.id)),
    entity: 'order',
    record: order,
    createdAt: order.createdAt,
    updatedAt: order.updatedAt,
    expiresAt: expiry(new Date(order.createdAt)),
  };
}

function expiry(from: Date): number {
  return Math.floor(from.getTime() / 1000) + keptDays * 86_400;
}

function lockWrite({ count, areaCode }: Wanted, holder: string, now: Date, until: Date): Write {
  const at = now.toISOString();
  return {
    put: {
      ...keys.orderLock(count, areaCode),
      entity: 'order-lock',
      holder,
      leaseUntil: until.toISOString(),
      createdAt: at,
      updatedAt: at,
    },
    if: either(absent('pk'), equals('holder', holder), below('leaseUntil', at)),
  };
}

/** Nothing happens to a lock that another purchase has by now. */
function unlockWrite({ count, areaCode }: Wanted, holder: string): Write {
  return { delete: keys.orderLock(count, areaCode), if: either(absent('pk'), equals('holder', holder)) };
}

function inProgress(error: ConditionFailed): Failure {
  const holder = error.item?.holder;
  const where =
    typeof holder === 'string' && holder.startsWith('ord_') ? `: see GET pool/purchases/${holder}` : '';
  return new Failure('PURCHASE_IN_PROGRESS', `The same purchase is still running${where}`, { cause: error });
}
