import { ConditionFailed, type Item, type Table } from '#shared/table/client.ts';
import { absent, equals } from '#shared/table/conditions.ts';
import { balancePartitions, keys, ledgerPartitions } from '#shared/table/keys.ts';
import { type Balance, balanceOf, countersIn, nothingOn, type PaidMark } from './balance.ts';
import { type Counters, type Entry, storedEntry, sumOf } from './entry.ts';
import { postingOf } from './posting.ts';
import type { Book } from './transfer.ts';

/** How far old lines are looked through: a list of them, and the last sort key of it. */
export interface MovePlace {
  month: string;
  account: string;
  sk?: string | undefined;
}

/** Entries of the ledger, and what they come to by account and month. */
export type LedgerRepository = ReturnType<typeof ledgerRepository>;

export function ledgerRepository(table: Table) {
  let isMoved = false;

  async function everything(pk: string, range: { from?: string; to?: string } = {}): Promise<Item[]> {
    const items: Item[] = [];
    let after: Record<string, string> | undefined;
    do {
      const page = await table.query({ pk, ...range, limit: 1000, after });
      items.push(...page.items);
      after = page.next;
    } while (after !== undefined);
    return items;
  }

  const repository = {
    /**
     * True once the lines of before there were entries are entries too. Until then these are left out everywhere, and the
     * lines count in their place. Asked before anything else is read, so that nothing counts twice.
     */
    async moved(): Promise<boolean> {
      isMoved ||= (await repository.moveEnded()) !== undefined;
      return isMoved;
    },

    /** When the move ended; undefined while it is under way. */
    async moveEnded(): Promise<string | undefined> {
      return (await table.get(keys.ledgerMove()))?.doneAt as string | undefined;
    },

    /** How far the move is; undefined before its first page is done. */
    async movePlace(): Promise<MovePlace | undefined> {
      return (await table.get(keys.ledgerMove()))?.place as MovePlace | undefined;
    },

    async noteMove(place: MovePlace, at: Date): Promise<void> {
      await table.update(keys.ledgerMove(), moveChanges({ place }, at));
    },

    /** From now on the entries count, and no line does. */
    async endMove(at: Date): Promise<void> {
      await table.update(keys.ledgerMove(), moveChanges({ doneAt: at.toISOString() }, at));
      isMoved = true;
    },

    /** Posts the entries of one booking that was made before; false when they were posted already. */
    async postMoved(entries: Entry[]): Promise<boolean> {
      if (entries.length === 0) return false;
      try {
        await table.transact(entries.flatMap(postingOf));
        return true;
      } catch (error) {
        if (error instanceof ConditionFailed) return false;
        throw error;
      }
    },

    /** All entries of an account in a month (`YYYY-MM`, UTC) in their order, those that were moved as well. */
    async entries(account: string, month: string): Promise<Entry[]> {
      const shards = await Promise.all(
        ledgerPartitions(account, month).map((pk) => everything(pk, entriesOnly)),
      );
      const entries = shards.flat().map((item) => storedEntry.parse(item));
      return shards.length === 1 ? entries : entries.sort((a, b) => (a.at < b.at ? -1 : 1));
    },

    /** A page of them, newest first. */
    async entriesBefore(
      account: string,
      month: string,
      limit: number,
      after?: Record<string, string>,
    ): Promise<{ entries: { entry: Entry; place: Record<string, string> }[]; next: typeof after }> {
      const [pk = ''] = ledgerPartitions(account, month);
      const page = await table.query({ pk, ...entriesOnly, limit, newestFirst: true, after });
      return {
        entries: page.items.map((item) => ({
          entry: storedEntry.parse(item),
          place: { pk, sk: String(item.sk) },
        })),
        next: page.next,
      };
    },

    /** The balances of all accounts of a month, spread ones put together, and who was paid for it. */
    async month(book: Book, month: string): Promise<{ balances: Balance[]; paid: PaidMark[] }> {
      const moved = await repository.moved();
      const items = (await Promise.all(balancePartitions(book, month).map((pk) => everything(pk)))).flat();
      const byAccount = new Map<string, Balance>();
      for (const item of items.filter(({ entity }) => entity === 'balance')) {
        const balance = balanceOf(item, moved);
        const known = byAccount.get(balance.account);
        byAccount.set(balance.account, {
          ...balance,
          ...(known && {
            counters: sumOf([known.counters, balance.counters]),
            revision: (known.revision ?? 0) + (balance.revision ?? 0),
          }),
        });
      }
      return {
        balances: [...byAccount.values()].sort((a, b) => (a.account < b.account ? -1 : 1)),
        paid: items.filter(({ entity }) => entity === 'paid-mark').map(paidMarkOf),
      };
    },

    /** The balances of a DJ's account in some months, in the order of the months, and where they were paid. */
    async ofAccount(
      book: Book,
      account: string,
      months: string[],
    ): Promise<{ month: string; balance: Balance; paid: PaidMark | undefined }[]> {
      const moved = await repository.moved();
      const found = await table.getMany(
        months.flatMap((month) => [
          keys.balance(book, account, month, ''),
          keys.paidMark(book, account, month),
        ]),
      );
      const byKey = new Map(found.map((item) => [`${String(item.pk)} ${String(item.sk)}`, item]));
      return months.map((month) => {
        const { pk, sk } = keys.balance(book, account, month, '');
        const item = byKey.get(`${pk} ${sk}`);
        const mark = byKey.get(`${pk} ${keys.paidMark(book, account, month).sk}`);
        return {
          month,
          balance: item === undefined ? nothingOn(account) : balanceOf(item, moved),
          paid: mark && paidMarkOf(mark),
        };
      });
    },

    /** What an account got that belongs to no call, over some days (UTC): credits less debits by `<kind>_<other account>`. */
    async withoutCall(book: Book, account: string, range: { from: string; to: string }): Promise<Counters> {
      const { pk } = keys.withoutCall(book, account, '');
      // At once: no line stands for these, so nothing can count twice.
      const [moved, items] = await Promise.all([
        repository.moved(),
        everything(pk, { from: `DAY#${range.from}`, to: `DAY#${range.to}` }),
      ]);
      return sumOf(items.map((item) => countersIn(item, moved)));
    },

    /** The last month up to this one with which stands what was left over before it. */
    async carriedUntil(book: Book, month: string): Promise<string | undefined> {
      const { pk } = keys.carried(book, '');
      const page = await table.query({ pk, from: '0', to: month, limit: 1, newestFirst: true });
      return page.items[0] && String(page.items[0].sk);
    },

    /** Notes what accounts owed when a month began, and that it stands there; done again it changes nothing. */
    async carry(book: Book, month: string, owed: ReadonlyMap<string, number>, at: Date): Promise<void> {
      const time = at.toISOString();
      for (const [account, carried] of owed) {
        await table.update(keys.balance(book, account, month, ''), {
          set: { entity: 'balance', carried, updatedAt: time },
          setOnce: { createdAt: time },
        });
      }
      const mark = { entity: 'carried', createdAt: time, updatedAt: time };
      await table.put({ ...keys.carried(book, month), ...mark });
    },

    /**
     * Marks a month of an account as paid, unless the balance changed since it was read.
     * @throws ConditionFailed when it is marked, or has changed
     */
    async markPaid(book: Book, month: string, balance: Balance, mark: PaidMark): Promise<void> {
      const { account, revision } = balance;
      const isUnchanged = revision === undefined ? absent('revision') : equals('revision', revision);
      const item = { entity: 'paid-mark', mark, createdAt: mark.at, updatedAt: mark.at };
      await table.transact([
        { put: { ...keys.paidMark(book, account, month), ...item }, if: absent('pk') },
        { check: keys.balance(book, account, month, ''), if: isUnchanged },
      ]);
    },
  };
  return repository;
}

function moveChanges(set: Record<string, unknown>, at: Date) {
  const time = at.toISOString();
  return { set: { entity: 'ledger-move', ...set, updatedAt: time }, setOnce: { createdAt: time } };
}

const entriesOnly = { from: 'ENTRY#', to: 'ENTRY#\uffff' };

function paidMarkOf(item: Item): PaidMark {
  return item.mark as PaidMark;
}
