import { callRepository } from '#shared/calls/call.repository.ts';
import type { Call } from '#shared/calls/call.ts';
import { callFacts } from '#shared/calls/facts.ts';
import { routingNow } from '#shared/calls/routing.ts';
import { startOf } from '#shared/calls/start-of.ts';
import { learnEnd } from '#shared/calls/sweep-calls.ts';
import { addSeconds } from '#shared/clock.ts';
import { followUpRepository } from '#shared/follow-up/follow-up.repository.ts';
import { callIdOf, type E164 } from '#shared/id.ts';
import { numberSource } from '#shared/numbers/number-source.ts';
import { keys } from '#shared/table/keys.ts';
import { threadOwnerOf } from '#shared/texts/answer.ts';
import { consentRepository } from '#shared/texts/consent.repository.ts';
import { isForTwilio, optOutOf } from '#shared/texts/opt-out.ts';
import { receivedTexts } from '#shared/texts/received.repository.ts';
import { variantFor } from '#shared/texts/template.ts';
import { recipientOf } from '#shared/threads/recipient.ts';
import type { PastCall, PastText } from '#shared/twilio/history.ts';
import { type NumberDeps, takeInBought } from './numbers.ts';
import type { Stage } from './stage.ts';

/** What Twilio knew of the gap and the table did not. */
export interface Recovered {
  numbers: string[];
  calls: number;
  /** Calls whose text had gone out, as the table knows now. */
  texted: number;
  wishes: number;
  receivedTexts: number;
  /** Calls that ended so recently that their webhooks may still be under way: the next run looks at them. */
  recent: number;
}

/** A call that was going on at the moment of the copy began this long before at most. */
const callSecondsMax = 4 * 3600;
/** Calls whose text is not decided, of each list of them. */
const openCallsMax = 2000;
/** The clock of Twilio may differ from ours by this, and webhooks may still be under way for as long. */
const clockSeconds = 120;

/**
 * Brings what happened since then into the table, as far as Twilio remembers it: numbers that were bought, calls with
 * their ends, texts that went out, texts that came in and the wishes in them. Done again it changes nothing.
 */
export async function recoverGap(stage: Stage, since: Date, numbers: NumberDeps): Promise<Recovered> {
  const from = addSeconds(since, -callSecondsMax);
  const taken = await takeInBought(numbers, await stage.history.numbers());
  const [calls, texts] = await Promise.all([stage.history.calls(from), stage.history.texts(from)]);
  const isOurs = ownership(stage);
  const lacking: PastCall[] = [];
  let recent = 0;
  for (const call of calls) {
    if (call.endedAt === undefined || !(await isOurs(call.to)) || !(await lacks(stage, call))) continue;
    if (call.endedAt > addSeconds(stage.now(), -clockSeconds)) recent++;
    else lacking.push(call);
  }
  for (const call of lacking) await recoverBeginning(stage, call);
  // Before the calls end: a call that is over and not texted is decided at once, as stopped.
  const sent = texts.filter(({ isInbound }) => !isInbound);
  const texted = await recoverSent(stage, sent);
  for (const call of lacking) await recoverEnd(stage, call);
  const received = { wishes: 0, receivedTexts: 0 };
  for (const text of texts) {
    if (text.isInbound && (await isOurs(text.to))) await recoverReceived(stage, text, received);
  }
  return { numbers: taken, calls: lacking.length, texted, recent, ...received };
}

/** Numbers of other stages may be on the same account. */
function ownership({ table }: Stage): (phoneNumber: E164) => Promise<boolean> {
  const known = new Map<E164, boolean>();
  return async (phoneNumber) => {
    const found = known.get(phoneNumber) ?? (await table.get(keys.number(phoneNumber))) !== undefined;
    known.set(phoneNumber, found);
    return found;
  };
}

/** True when the table lacks something of a call that is over. One that goes on brings its own webhooks. */
async function lacks({ table }: Stage, { callSid }: PastCall): Promise<boolean> {
  const known = await callRepository(table).find(callIdOf(callSid));
  return known?.routing == null || isSettling(known);
}

/** Facts are written once: what stands there stays. */
async function recoverBeginning({ table }: Stage, past: PastCall): Promise<void> {
  const ref = { callSid: past.callSid, virtualNumber: past.to, callerNumber: past.from };
  const source = numberSource(table);
  const routing = await routingNow(source, await source.findNumber(past.to));
  await callFacts(table).incoming(ref, past.startedAt, routing);
}

async function recoverEnd({ table }: Stage, past: PastCall): Promise<void> {
  const calls = callRepository(table);
  const call = await calls.find(callIdOf(past.callSid));
  const atTwilio = { find: () => Promise.resolve(past) };
  if (call !== undefined) await learnEnd({ atTwilio, facts: callFacts(table), calls }, call);
}

/** True while the last word on how the call ended is missing. */
function isSettling({ statuses }: Call): boolean {
  return !['completed', 'busy', 'no-answer', 'canceled', 'failed'].some((status) => status in statuses);
}

/** Texts that came in: a wish counts unless the phone said something later. */
async function recoverReceived(
  { table, hashOf }: Stage,
  text: PastText,
  counts: { wishes: number; receivedTexts: number },
): Promise<void> {
  const wish = optOutOf(text.body, undefined);
  if (wish !== undefined) {
    const consents = consentRepository(table, hashOf);
    const last = await consents.find(text.from);
    if (last !== undefined && last.since >= text.at.toISOString()) return;
    counts.wishes++;
    await consents.set(text.from, wish === 'stop', wish.toUpperCase(), text.at);
    return;
  }
  if (isForTwilio(text.body, undefined)) return;
  if ((await table.get(keys.receivedText(text.to, text.messageSid))) !== undefined) return;
  counts.receivedTexts++;
  const owner = threadOwnerOf(await recipientOf(numberSource(table), text.to, text.from));
  const known = { messageSid: text.messageSid, from: text.from, to: text.to, body: text.body };
  await receivedTexts(table).keep({ ...known, kind: 'message', mediaCount: 0, owner }, text.at);
}

/**
 * Marks calls whose text had gone out: of those undecided the last one of the phone that began before the text. Answers how
 * many. A call too many that is taken for texted costs a text; one too few would text somebody twice.
 */
async function recoverSent(stage: Stage, sent: PastText[]): Promise<number> {
  const { table, now } = stage;
  const calls = callRepository(table);
  const followUps = followUpRepository(table);
  const ids = await Promise.all([
    calls.openBefore(now(), openCallsMax),
    calls.deferredBefore(now(), openCallsMax),
  ]);
  const found = await Promise.all(ids.flat().map((callId) => calls.find(callId)));
  const undecided = found.filter((call) => call !== undefined).filter(isUndecided);
  let marked = 0;
  for (const text of sent) {
    const [call] = undecided
      .filter((one) => one.callerNumber === text.to && startsBefore(one, text))
      .toSorted((a, b) => (startOf(a) < startOf(b) ? 1 : -1));
    if (call === undefined) continue;
    undecided.splice(undecided.indexOf(call), 1);
    marked++;
    const claim = await followUps.claim(call.id, call.followUp?.claimedAt ?? undefined, now());
    if (claim === undefined) continue;
    const words = { messageSid: text.messageSid, ...wordsOf(stage, call, text), ...claim.words };
    await followUps.sent(call, claim, words, text.at);
  }
  // Whose text it was of several calls of a phone is a guess: none of the others gets one any more.
  for (const call of undecided) {
    if (!sent.some((text) => call.callerNumber === text.to && startsBefore(call, text))) continue;
    const claim = await followUps.claim(call.id, call.followUp?.claimedAt ?? undefined, now());
    if (claim !== undefined) await followUps.skip(call, claim, 'already-texted', now());
  }
  return marked;
}

/** Which text it was: only one of them has a link. */
function wordsOf({ texts }: Stage, { routing }: Call, { to, body }: PastText) {
  const kind = /https?:\/\//.test(body) ? 'payment-link' : 'missed-call';
  const language = routing?.kind === 'forward' && routing.language === 'es' ? 'es' : 'en';
  const variants = (kind === 'payment-link' ? texts.paymentLink : texts.missedCall)[language];
  return { kind, variant: variantFor(to, variants) } as const;
}

function isUndecided({ followUp }: Call): boolean {
  return followUp == null || followUp.status === 'claimed';
}

function startsBefore(call: Call, { at }: PastText): boolean {
  return startOf(call) <= addSeconds(at, clockSeconds).toISOString();
}
