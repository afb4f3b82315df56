import type { ZodType } from 'zod';
import type { FailureCode } from '#shared/failure.ts';
import type { Grant } from '#shared/grant.ts';

/** Roles of the JWT authorizer, in the order in which contracts name them. */
export const roles = ['admin', 'service', 'dj', 'user'] as const;
export type Role = (typeof roles)[number];

/** Who may call: people and services by role, Twilio or TipJar by signature, or anybody (throttled). */
export type RouteAuth =
  | readonly [Role, ...Role[]]
  | readonly ['twilio']
  | readonly ['tipjar']
  | readonly ['public'];

/** One endpoint: everything that infrastructure, handler, documentation and tests need to know of it. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path with `{name}` parameters, no trailing slash. */
  readonly path: `/${string}`;
  /** One line for the API document. */
  readonly summary: string;
  readonly auth: RouteAuth;
  /** What it may touch, beside `auditLog:append` where admins are recorded: `route` adds that. */
  readonly grants: readonly Grant[];
  /** Seconds until Lambda stops the function; 10 unless told. API Gateway gives up after 30. */
  readonly timeoutSeconds?: number;
  /** Seconds that caches may keep a 200 and a 404; without it nothing may be kept. */
  readonly cacheSeconds?: { readonly found: number; readonly missing: number };
  /** Also takes JSON that is called text/plain: what browsers send to other origins without asking first. */
  readonly takesPlainText?: true;
  readonly params?: ZodType;
  readonly query?: ZodType;
  readonly body?: ZodType;
  /** Status of success. */
  readonly status: number;
  /** Shape of the JSON reply; what it does not name is not sent. None for TwiML, files, empty replies and redirects. */
  readonly reply?: ZodType;
  /** The usual status may also come with a file of this type, or with nothing but one if there is no `reply`. */
  readonly file?: FileType;
  /** Statuses that it may answer instead, each with its own shape, or `empty`; failures have theirs. */
  readonly otherReplies?: Readonly<Record<number, ZodType | 'empty'>>;
  /**
   * Failures that it may answer, beside those that follow from who may call it and what it may touch
   * (`functions/answers.ts`). Tests refuse an answer that is not declared.
   */
  readonly failures?: readonly FailureCode[];
  /** What failures with such a code carry beside code and sentence; nothing else is sent. */
  readonly failureExtras?: Readonly<Partial<Record<FailureCode, ZodType>>>;
}

/** Types of files that endpoints answer. */
export type FileType = 'text/csv' | 'application/json';

/**
 * Declares an endpoint. Contract files wrap it in an arrow, so that a bundle carries only the one it uses. Where the
 * audit log records what admins do, the grant to write it is added here.
 */
export function route<const R extends Route>(contract: R): Omit<R, 'grants'> & Pick<Route, 'grants'> {
  const { grants } = contract;
  return { ...contract, grants: isRecorded(contract) ? ['auditLog:append', ...grants] : grants };
}

/** Whether the audit log records what admins do by it: all that admits admins and does not only read. */
export function isRecorded({ method, auth }: Pick<Route, 'method' | 'auth'>): boolean {
  return method !== 'GET' && (auth as readonly string[]).includes('admin');
}
