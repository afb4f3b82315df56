import type { CallerRepository } from '#shared/callers/caller.repository.ts';
import type { Call } from '#shared/calls/call.ts';
import { addSeconds } from '#shared/clock.ts';
import type { E164, MessageSid } from '#shared/id.ts';
import { eventDays } from '#shared/platform-events/event.repository.ts';
import type { ConsentRepository } from '#shared/texts/consent.repository.ts';
import type { KeptText, ReceivedTexts } from '#shared/texts/received.repository.ts';
import type { CallerData } from './caller-data.repository.ts';
import { isOpen } from './forget-caller.ts';
import type { ForgottenCalls } from './forget-calls.ts';

export interface EraseDeps {
  data: Pick<CallerData, 'calls' | 'openCalls'>;
  callers: Pick<CallerRepository, 'blocksOf' | 'unblock'>;
  texts: Pick<ReceivedTexts, 'ofPhone' | 'beginToForget' | 'remove'>;
  consents: Pick<ConsentRepository, 'find'>;
  /** Takes the caller off these calls, their recordings and their events first. */
  forgetCalls(calls: Call[]): Promise<ForgottenCalls>;
  /** Takes the sender off the events about a text. */
  forgetInEvents(messageSid: MessageSid): Promise<void>;
  now(): Date;
}

/** Calls, and texts, of one request. */
const entriesMax = 500;
const parallelEntries = 100;
const parallelTexts = 50;
/** Calls that are begun together, and how long new ones are begun: recordings are deleted at Twilio one by one. */
const parallelCalls = 10;
const takeUpSeconds = 10;

/** What was erased, or would be. */
export interface Erased {
  calls: number;
  /** Calls that keep their caller because a recording of them, or an event, could not be deleted. */
  failedCalls: number;
  receivedTexts: number;
  blocks: number;
  /** Calls in progress, or whose text is not decided yet: they show their caller until then. */
  openCalls: number;
  /** Whether the phone's wish about texts is known; it is kept under a keyed hash, or it would be texted again. */
  consentKept: boolean;
  /** False when something is left: ask again. */
  complete: boolean;
}

/** Erases what is held on a phone but for its wish about texts, at most 500 calls and texts at once; `dryRun` only looks. */
export async function eraseCaller(deps: EraseDeps, phoneNumber: E164, dryRun: boolean): Promise<Erased> {
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
    failedCalls: calls.failed,
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
  phoneNumber: E164,
  dryRun: boolean,
): Promise<Part & { failed: number; open: string[] }> {
  const startedAt = deps.now().getTime();
  const hasTime = () => deps.now().getTime() - startedAt < takeUpSeconds * 1000;
  const forget: EraseDeps['forgetCalls'] = dryRun
    ? async (calls) => ({ forgotten: calls.length, failed: 0 })
    : (calls) => deps.forgetCalls(calls);
  const open: string[] = [];
  let count = 0;
  let failed = 0;
  let after: Record<string, string> | undefined;
  do {
    if (count + failed + open.length >= entriesMax) return { count, failed, open, complete: false };
    const page = await deps.data.calls(phoneNumber, parallelEntries, after);
    // The index may lag behind a request before this one.
    const known = page.calls.filter((call) => call.callerNumber === phoneNumber);
    open.push(...known.filter(isOpen).map(({ id }) => id));
    const decided = known.filter((call) => !isOpen(call));
    for (let first = 0; first < decided.length; first += parallelCalls) {
      if (!hasTime()) return { count, failed, open, complete: false };
      const done = await forget(decided.slice(first, first + parallelCalls));
      count += done.forgotten;
      failed += done.failed;
    }
    after = page.next;
  } while (after !== undefined);
  return { count, failed, open, complete: failed === 0 };
}

/** The mark comes first: whoever records an event about the text sees it then, or has recorded it before. */
async function forgetInEvents(deps: EraseDeps, text: KeptText): Promise<void> {
  if (text.owner === undefined || new Date(text.at) < addSeconds(deps.now(), -eventDays * 86_400)) return;
  await deps.texts.beginToForget(text, deps.now());
  await deps.forgetInEvents(text.messageSid);
}

async function eraseTexts(deps: EraseDeps, phoneNumber: E164, dryRun: boolean): Promise<Part> {
  let count = 0;
  let after: Record<string, string> | undefined;
  do {
    if (count >= entriesMax) return { count, complete: false };
    const { texts, next } = await deps.texts.ofPhone(phoneNumber, parallelTexts, after);
    if (!dryRun) {
      await Promise.all(texts.map((text) => forgetInEvents(deps, text)));
      await deps.texts.remove(texts);
    }
    count += texts.length;
    after = next;
  } while (after !== undefined);
  return { count, complete: true };
}
