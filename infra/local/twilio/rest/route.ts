import type { Account } from '../entities.ts';
import type { World } from '../world.ts';
import type { Reply } from './reply.ts';

export interface RestRequest {
  world: World;
  /** Whose resources are meant: the account in the path, or the caller's own where the path names none. */
  account: Account;
  /** Whose credentials were used. */
  caller: Account;
  /** Path parameters in the order of the path, the account not among them. */
  ids: string[];
  path: string;
  query: URLSearchParams;
  form: URLSearchParams;
}

export interface RestRoute {
  method: 'GET' | 'POST' | 'DELETE';
  /** `:account` is the account, `:id` anything. Without the `.json` ending. */
  path: string;
  handle: (request: RestRequest) => Reply;
}

export const accountsRoot = '/2010-04-01/Accounts';
