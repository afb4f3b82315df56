// This folder keeps what admins did and what they were refused, and lists it.

import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { pause } from '#shared/clock.ts';
import { asFailure } from '#shared/failure.ts';
import { log } from '#shared/log.ts';
import { maskPhones } from '#shared/mask.ts';
import { count } from '#shared/metric.ts';
import type { AuditLogEntry, AuditLogRepository } from './audit-log.repository.ts';

export interface RecordDeps {
  auditLog: Pick<AuditLogRepository, 'record'>;
  now(): Date;
}

export type Target = AuditLogEntry['target'];
type Result = APIGatewayProxyStructuredResultV2;

/** An answer waits no longer than this for its entry. */
const patienceSeconds = 2;

/**
 * Does the work and records what came of it, a refusal as well, before it is answered. The act has happened whether it
 * can be recorded or not: a failing record is logged and counted, and changes nothing of the answer.
 */
export async function recordEntry(
  deps: RecordDeps,
  entry: Pick<AuditLogEntry, 'actor' | 'act' | 'requestId'>,
  work: (noteTarget: (target: Target) => void) => Promise<Result>,
): Promise<Result> {
  let target: Target = {};
  const record = (status: number, code: string | null) =>
    keep(deps, { at: deps.now().toISOString(), ...entry, status, code, target });
  try {
    const result = await work((named) => {
      target = named;
    });
    await record(result.statusCode ?? 200, null);
    return result;
  } catch (error) {
    const { status, code } = asFailure(error);
    await record(status, code);
    throw error;
  }
}

async function keep({ auditLog }: RecordDeps, entry: AuditLogEntry): Promise<void> {
  const enough = new AbortController();
  try {
    const late = pause(patienceSeconds, enough.signal).then(() => {
      if (!enough.signal.aborted) throw new Error(`the entry was not written within ${patienceSeconds} s`);
    });
    await Promise.race([auditLog.record(entry), late]);
  } catch (error) {
    log.error('audit log not written', { entry, error: error as Error });
    count('AuditLogNotWritten');
  } finally {
    enough.abort();
  }
}

const idName = /(^id|_id|_sid|Sid)$/;
const phoneName = /number$/i;

/** What a checked request is about: its ids, its phone numbers by their last four digits, its switches, and whether it only looked. */
export function targetOf(params: unknown, body: unknown): Target {
  const given = Object.entries({ ...(body as object | undefined), ...(params as object | undefined) });
  const named = given.flatMap(([name, value]): [string, string][] => {
    if (name === 'dry_run') return [[name, String(value)]];
    if (isSwitch(value)) return [[name, value.stopped ? 'stopped' : 'running']];
    if (typeof value !== 'string') return [];
    if (phoneName.test(name)) return [[name, maskedPhone(value)]];
    return idName.test(name) ? [[name, maskPhones(value)]] : [];
  });
  return Object.fromEntries(named);
}

function isSwitch(value: unknown): value is { stopped: boolean } {
  return typeof value === 'object' && value !== null && 'stopped' in value;
}

/** However a person wrote it, `(901) 555-0101` or `+19015550101`: `***0101`. */
function maskedPhone(written: string): string {
  const digits = written.replace(/\D/g, '');
  return digits === '' ? written.slice(0, 20) : `***${digits.slice(-4)}`;
}
