// This folder is the one door by which texts leave: who may be texted, when, how often, and never twice.

import { asFailure, type FailureCode } from '#shared/failure.ts';
import { type E164, isE164, type MessageSid } from '#shared/id.ts';
import { log } from '#shared/log.ts';
import { count } from '#shared/metric.ts';
import type { Texting } from '#shared/twilio/messages.ts';
import { TwilioFailure, TwilioRefusal } from '#shared/twilio/twilio-failure.ts';
import { type Addressee, judge, type Refusal, type TextKind, type Verdict, type Wanted } from './judge.ts';
import { circumstancesOf, isTurnTaken, type TextRules, type TurnRule, takeAllowance } from './rules.ts';
import type { PlatformSender } from './sender.ts';

/** Everything that a text has to pass, and Twilio behind it. */
export interface TextDoor extends TextRules {
  texting: Texting;
  platform: PlatformSender;
}

/** A slot that was taken for sending. */
export interface Claim<Words> {
  /** When it was first taken. */
  claimedAt: string;
  /** What a worker before was about to send. */
  words?: Words | undefined;
}

/** Why an attempt to send a text failed; without Twilio's words, which may quote the number. */
export interface AttemptFailure {
  code: FailureCode;
  twilioCode: number | undefined;
}

/**
 * Where the claim on one text is kept, and afterwards what became of it: the follow-up of a call, the notice of a change.
 * What is decided stays; every method but `claim` is bound to the claim under which it is called.
 */
export interface Slot<Words, Reason> {
  readonly of: Addressee;
  /** When it was first taken, by a worker that died unless it is still at work. */
  readonly claimedAt: string | undefined;
  /**
   * Takes it, and with `words` keeps what is about to be sent. Answers undefined when somebody else has it, or it is
   * decided.
   */
  claim(now: Date, words?: Words): Promise<Claim<Words> | undefined>;
  /**
   * Keeps what is about to be sent under a claim that was taken over, before it is: nobody else can tell afterwards what to
   * look for. A slot without this is of a text that is known by itself.
   */
  keep?(claim: Claim<Words>, words: Words, now: Date): Promise<void>;
  /** Keeps a text where people read it, right before it is sent: none is missing there. Done again for a later try. */
  aboutToSend?(words: Words, now: Date): Promise<void>;
  sent(claim: Claim<Words>, messageSid: MessageSid, words: Words | undefined, now: Date): Promise<void>;
  /** Twilio refused it for good. */
  failed(claim: Claim<Words>, detail: string, now: Date): Promise<void>;
  /** Notes an attempt that failed, whatever becomes of the text. A slot without this shows nobody its attempts. */
  noteFailure?(claim: Claim<Words>, failure: AttemptFailure, now: Date): Promise<void>;
  /** Nothing is sent, and why; under a claim, or before any. */
  skip(claim: Claim<Words> | undefined, reason: Reason | Refusal, now: Date): Promise<void>;
  /** Puts it off until the morning; a slot without this is of a text that may come at any hour. */
  defer?(claim: Claim<Words> | undefined, now: Date): Promise<void>;
}

/** What is to be sent, if all rules allow it. */
export interface Plan<Kind extends TextKind, Words, Reason> {
  /** The kinds of text among which `decide` chooses. */
  kinds: readonly Kind[];
  /** Pure: what should be sent by the facts as they are, or why nothing. */
  decide(now: Date): Wanted<Kind> | { skip: Reason };
  turn: TurnRule;
  /** Writes the text, and has made what it speaks of. */
  compose(kind: Kind): Promise<Words>;
  /** True for the body of a text at Twilio that a worker before handed over; `kept` is what it was about to send. */
  isIt(body: string, kept: Words | undefined): boolean;
  /** Path of ours that is told how delivery goes. */
  statusPath: string | undefined;
}

/** Twilio's codes that say something of the phone rather than of us. */
const refusedByPhone: Readonly<Record<number, Refusal>> = {
  21610: 'opted-out',
  21211: 'not-textable',
  21614: 'not-textable',
};

/**
 * Sends a text once, if it may be sent: consent, destination, hours, sender and allowance are asked here and nowhere
 * else. The slot is claimed before it is sent, together with its words, and whoever finds a claim whose worker died looks
 * in Twilio for its text before sending another: rather no text than two.
 * @throws Error when another worker is on it: the queue brings it again; Failure TWILIO_UNAVAILABLE (nobody knows whether
 *   it was sent; the next try looks), TWILIO_NOT_CONFIGURED; and what `compose` throws
 */
export async function sendOnce<Kind extends TextKind, Words extends { body: string }, Reason extends string>(
  door: TextDoor,
  slot: Slot<Words, Reason>,
  plan: Plan<Kind, Words, Reason>,
): Promise<void> {
  const decision = await decide(door, slot, plan);
  if (slot.claimedAt !== undefined) return takeOver(door, slot, plan, decision);
  if (!('send' in decision)) return end(door, slot, undefined, decision);
  const text = { ...slot.of, to: slot.of.to as E164, kind: decision.kind };
  if (await isTurnTaken(door, text, plan.turn)) return end(door, slot, undefined, { skip: 'already-texted' });
  // Before the claim, so that it keeps what is written: to make the same again does no harm.
  const words = await plan.compose(decision.kind).catch(async (error: unknown) => {
    const claim = await slot.claim(door.now());
    if (claim !== undefined) await noteFailure(door, slot, claim, error);
    throw error;
  });
  const claim = await claimed(door, slot, words);
  await attempt(door, slot, claim, async () => {
    const allowance = await takeAllowance(door, text, plan.turn);
    if ('skip' in allowance) return end(door, slot, claim, allowance);
    await send(door, slot, claim, decision, { words, statusPath: plan.statusPath });
  });
}

/** What is done for a worker that died: its text is looked for, then this one is written and sent. */
async function takeOver<Kind extends TextKind, Words extends { body: string }, Reason extends string>(
  door: TextDoor,
  slot: Slot<Words, Reason>,
  plan: Plan<Kind, Words, Reason>,
  decision: Decision<Kind, Reason>,
): Promise<void> {
  const claim = await claimed(door, slot);
  await attempt(door, slot, claim, async () => {
    if (await adopt(door, slot, plan, claim)) return;
    await giveBackUnused(door, slot, plan, 'send' in decision ? decision.kind : undefined);
    if (!('send' in decision)) return end(door, slot, claim, decision);
    const text = { ...slot.of, to: slot.of.to as E164, kind: decision.kind };
    const allowance = await takeAllowance(door, text, plan.turn);
    if ('skip' in allowance) return end(door, slot, claim, allowance);
    const words = await plan.compose(decision.kind);
    await slot.keep?.(claim, words, door.now());
    await send(door, slot, claim, decision, { words, statusPath: plan.statusPath });
  });
}

async function claimed<Words, Reason>(
  door: TextDoor,
  slot: Slot<Words, Reason>,
  words?: Words,
): Promise<Claim<Words>> {
  const claim = await slot.claim(door.now(), words);
  if (claim === undefined) throw new Error(`another worker is on the text about ${slot.of.subject}`);
  return claim;
}

async function attempt<Words, Reason>(
  door: TextDoor,
  slot: Slot<Words, Reason>,
  claim: Claim<Words>,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    await noteFailure(door, slot, claim, error);
    throw error;
  }
}

/** Best effort: why the attempt failed matters more than that it is noted. */
async function noteFailure<Words, Reason>(
  door: TextDoor,
  slot: Slot<Words, Reason>,
  claim: Claim<Words>,
  error: unknown,
): Promise<void> {
  const { code } = asFailure(error);
  const twilioCode = error instanceof TwilioFailure ? error.twilioCode : undefined;
  try {
    await slot.noteFailure?.(claim, { code, twilioCode }, door.now());
  } catch (cause) {
    log.warn('that a text failed is not noted', cause as Error);
  }
}

type Decision<Kind extends TextKind, Reason> = Verdict<Kind> | { skip: Reason };

async function decide<Kind extends TextKind, Words, Reason>(
  door: TextDoor,
  slot: Slot<Words, Reason>,
  plan: Plan<Kind, Words, Reason>,
): Promise<Decision<Kind, Reason>> {
  const wanted = plan.decide(door.now());
  if ('skip' in wanted) return wanted;
  const { to } = slot.of;
  const circumstances = await circumstancesOf(door, to);
  return judge(to, wanted, circumstances, { ...door, canWait: slot.defer !== undefined }, door.now());
}

/** Finds the text that a worker handed over who died before it could note it, whatever should be sent by now. */
async function adopt<Kind extends TextKind, Words, Reason>(
  door: TextDoor,
  slot: Slot<Words, Reason>,
  plan: Plan<Kind, Words, Reason>,
  claim: Claim<Words>,
): Promise<boolean> {
  if (!isE164(slot.of.to)) return false;
  const isIt = (body: string) => plan.isIt(body, claim.words);
  const meant = { to: slot.of.to, from: undefined, isIt };
  const messageSid = await door.texting.findSent(meant, new Date(claim.claimedAt));
  if (messageSid === undefined) return false;
  await slot.sent(claim, messageSid, claim.words, door.now());
  return true;
}

/** Gives back what a worker that died took for a text that is not sent, unless just such a text is sent now. */
async function giveBackUnused<Kind extends TextKind, Words, Reason>(
  { allowances }: TextDoor,
  { of }: Slot<Words, Reason>,
  { kinds }: Plan<Kind, Words, Reason>,
  used: Kind | undefined,
): Promise<void> {
  if (!isE164(of.to)) return;
  for (const kind of kinds) if (kind !== used) await allowances.giveBack({ ...of, to: of.to, kind });
}

async function send<Words extends { body: string }, Reason extends string>(
  door: TextDoor,
  slot: Slot<Words, Reason>,
  claim: Claim<Words>,
  { send: sender, kind }: Extract<Verdict, { send: unknown }>,
  { words, statusPath }: { words: Words; statusPath: string | undefined },
): Promise<void> {
  // What is not one was judged untextable.
  const to = slot.of.to as E164;
  await slot.aboutToSend?.(words, door.now());
  let messageSid: MessageSid;
  try {
    messageSid = await door.texting.send({ to, ...sender, body: words.body, statusPath });
  } catch (error) {
    // Only what it says of this text is final; an account that may not send now may send later.
    if (!(error instanceof TwilioRefusal) || error.code !== 'TWILIO_REFUSED') throw error;
    await door.allowances.giveBack({ ...slot.of, to, kind });
    const reason = refusedByPhone[error.twilioCode];
    if (reason === undefined) {
      log.error('Twilio refused the text', error);
      return slot.failed(claim, `Twilio refused it (${error.twilioCode}): ${error.message}`, door.now());
    }
    await noteFailure(door, slot, claim, error);
    if (reason === 'opted-out') await door.consents.set(to, true, String(error.twilioCode), door.now());
    return end(door, slot, claim, { skip: reason });
  }
  await slot.sent(claim, messageSid, words, door.now());
  count('SmsSent');
}

async function end<Words, Reason extends string>(
  door: TextDoor,
  slot: Slot<Words, Reason>,
  claim: Claim<Words> | undefined,
  decision: Exclude<Decision<TextKind, Reason>, { send: unknown }>,
): Promise<void> {
  const { subject } = slot.of;
  if ('defer' in decision) {
    log.info('the text waits for the morning of the phone', { subject });
    return slot.defer?.(claim, door.now());
  }
  await slot.skip(claim, decision.skip, door.now());
  const reason = decision.skip;
  count(reason === 'no-sender' ? 'SmsSkippedNoSender' : 'SmsSkipped', 1, { reason });
  log.info('no text is sent', { subject, reason });
}
