import type { CallerRepository } from '#shared/callers/caller.repository.ts';
import type { Call } from '#shared/calls/call.ts';
import type { ConsentRepository } from '#shared/consent/consent.repository.ts';
import type { ReceivedTexts } from '#shared/messages/received.repository.ts';
import type { CallerData } from './caller-data.repository.ts';
import { isOpen } from './forget-caller.ts';

export interface EraseDeps {
  data: Pick<CallerData, 'calls' | 'openCalls' | 'forget'>;
  callers: Pick<CallerRepository, 'blocksOf' | 'unblock'>;
  texts: Pick<ReceivedTexts, 'ofPhone' | 'remove'>;
  consents: Pick<ConsentRepository, 'find'>;
  /** Deletes what is recorded of these calls. */
  forgetRecordings(callIds: string[]): Promise<void>;
  now(): Date;
}

/** Calls, and texts, of one request. */
const entriesMax = 500;
const entriesAtOnce = 100;

/** What was erased, or would be. */
export interface Erased {
  calls: number;
  receivedTexts: number;
  blocks: number;
  /** Calls that go on, or whose text is not decided: they keep their caller until then. */
  openCalls: number;
  /** Whether the phone's wish about texts is known; it is kept under a keyed hash, or it would be texted again. */
  consentKept: boolean;
  /** False when something is left: ask again. */
  complete: boolean;
}

/** Erases what is held on a phone but for its wish about texts, at most 500 calls and texts at once; `dryRun` only looks. */
export async function eraseCaller(deps: EraseDeps, phoneNumber: string, dryRun: boolean): Promise<Erased> {
  const [open, blocks, consent] = await Promise.all([
    deps.data.openCalls(phoneNumber),
    deps.callers.blocksOf(phoneNumber),
    deps.consents.find(phoneNumber),
  ]);
  const calls = await eraseCalls(deps, phoneNumber, dryRun);
  const texts = await eraseTexts(deps, phoneNumber, dryRun);
  if (!dryRun) await Promise.all(blocks.map(({ list }) => deps.callers.unblock(list, phoneNumber)));
  // A call may just be on its way from one list to the other.
  const openCalls = new Set([...open.filter(isOpen).map(({ id }) => id), ...calls.open]).size;
  return {
    calls: calls.count,
    receivedTexts: texts.count,
    blocks: blocks.length,
    openCalls,
    consentKept: consent !== undefined,
    complete: openCalls === 0 && calls.complete && texts.complete,
  };
}

interface Part {
  count: number;
  complete: boolean;
}

/** Calls whose text waits for the morning stay, and are told by their ids. */
async function eraseCalls(
  deps: EraseDeps,
  phoneNumber: string,
  dryRun: boolean,
): Promise<Part & { open: string[] }> {
  const open: string[] = [];
  let count = 0;
  let after: Record<string, string> | undefined;
  do {
    if (count + open.length >= entriesMax) return { count, open, complete: false };
    const page = await deps.data.calls(phoneNumber, entriesAtOnce, after);
    // The index may lag behind a request before this one.
    const known = page.calls.filter((call) => call.callerNumber === phoneNumber);
    const decided = known.filter((call) => !isOpen(call));
    if (!dryRun) await forget(deps, decided);
    count += decided.length;
    open.push(...known.filter(isOpen).map(({ id }) => id));
    after = page.next;
  } while (after !== undefined);
  return { count, open, complete: true };
}

/** Recordings first: once the caller is forgotten nobody finds the call by him. */
async function forget(deps: EraseDeps, calls: Call[]): Promise<void> {
  if (calls.length === 0) return;
  await deps.forgetRecordings(calls.map(({ id }) => id));
  await deps.data.forget(calls, deps.now());
}

async function eraseTexts(deps: EraseDeps, phoneNumber: string, dryRun: boolean): Promise<Part> {
  let count = 0;
  let after: Record<string, string> | undefined;
  do {
    if (count >= entriesMax) return { count, complete: false };
    const { texts, next } = await deps.texts.ofPhone(phoneNumber, entriesAtOnce, after);
    if (!dryRun) await deps.texts.remove(texts);
    count += texts.length;
    after = next;
  } while (after !== undefined);
  return { count, complete: true };
}
