import type { CallId, PaymentId } from '#shared/id.ts';
import type { Item, Table } from '#shared/table/client.ts';
import { type Key, keys } from '#shared/table/keys.ts';
import { platformAccount, suspense, tipJarAccount } from './standing.ts';

/**
 * A line of the ledger as it was written before there were entries: positive is owed to us (debit), negative is owed by us
 * or earned (credit). Nothing writes them any more, nothing changes or removes them.
 */
export interface OldLine {
  account: string;
  amountCents: number;
  currency: string;
  paymentId: PaymentId;
  callId: CallId | null;
  at: string;
  /** Which revision of its payment it booked. */
  revision: number;
}

/** The accounts of the platform; each booking touched TipJar's or the one in suspense. */
export const oldPlatformAccounts = [tipJarAccount, platformAccount, suspense] as const;

/** Old lines of the ledger, as long as there are some that have not become entries. */
export type OldLines = ReturnType<typeof oldLines>;

export function oldLines(table: Table) {
  return {
    /** A page of the lines of an account in a month, in their order, perhaps from a sort key on. */
    async page(
      account: string,
      month: string,
      limit: number,
      {
        since = linesBegin,
        after,
      }: { since?: string | undefined; after?: Record<string, string> | undefined } = {},
    ): Promise<{ lines: OldLine[]; next: Record<string, string> | undefined }> {
      const { pk } = keys.ledgerLine(account, month, '');
      const page = await table.query({ pk, from: since, to: linesEnd, limit, after });
      return { lines: page.items.map(readLine), next: page.next };
    },

    /** All of them. */
    async all(account: string, month: string): Promise<OldLine[]> {
      const lines: OldLine[] = [];
      let after: Record<string, string> | undefined;
      do {
        const page = await this.page(account, month, 1000, { after });
        lines.push(...page.lines);
        after = page.next;
      } while (after !== undefined);
      return lines;
    },

    /** The lines that were written together with this one, itself among them, if they are on these accounts. */
    async together({ at, paymentId, revision }: OldLine, accounts: readonly string[]): Promise<OldLine[]> {
      const places = accounts.map((account): Key => keys.ledgerLine(account, at, `${paymentId}#${revision}`));
      return (await table.getMany(places)).map(readLine);
    },
  };
}

/** Their sort keys begin with a digit, those of entries do not. */
const linesBegin = '0';
const linesEnd = ':';

function readLine(item: Item): OldLine {
  return {
    account: String(item.account),
    amountCents: Number(item.amountCents),
    currency: String(item.currency),
    paymentId: String(item.paymentId) as PaymentId,
    callId: typeof item.callId === 'string' ? (item.callId as CallId) : null,
    at: String(item.createdAt),
    revision: Number(String(item.sk).slice(String(item.sk).lastIndexOf('#') + 1)),
  };
}
