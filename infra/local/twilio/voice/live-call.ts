import { rfc2822 } from '../date-format.ts';
import type { Account, CallLeg, OwnedNumber } from '../entities.ts';
import { isE164 } from '../numbers/e164.ts';
import { geography } from '../numbers/geography.ts';
import { TwimlError, type Verb, verbsOf } from '../twiml.ts';
import { type Method, methodOf } from '../webhooks/method.ts';
import { resolve } from '../webhooks/resolve.ts';
import type { World } from '../world.ts';
import type { CallPlan } from './call-plan.ts';
import type { Line } from './line.ts';
import type { PlacedCall } from './placed-call.ts';

export interface Document {
  verbs: Verb[];
  /** Where it came from: the base of relative addresses in it. */
  url: string;
}

// Twilio has no such limit; a document that leads to itself would keep the simulator busy forever.
const requestsMax = 100;

/** A call while it lasts: its clock, its lines and its webhooks. Its seconds pass without waiting. */
export class LiveCall {
  readonly world: World;
  readonly account: Account;
  readonly number: OwnedNumber;
  readonly plan: CallPlan;
  readonly placed: PlacedCall;
  /** The caller's end. */
  readonly caller: Line;
  elapsedSeconds = 0;
  #requests = 0;

  /** Begins a call, or goes on with one that was begun. */
  constructor(world: World, account: Account, number: OwnedNumber, plan: CallPlan, begun?: PlacedCall) {
    this.world = world;
    this.account = account;
    this.number = number;
    this.plan = plan;
    const [begunLeg] = begun?.legs ?? [];
    if (begun && begunLeg) {
      this.placed = begun;
      const answeredAtSeconds = begunLeg.status === 'in-progress' ? 0 : undefined;
      this.caller = { leg: begunLeg, gone: false, answeredAtSeconds, digits: '' };
      const ends = begun.legs.map(({ endTime = begunLeg.startTime }) => endTime.getTime());
      this.elapsedSeconds = (Math.max(...ends) - begunLeg.startTime.getTime()) / 1000;
      return;
    }
    const sid = world.sids.next('CA', plan.from, plan.to);
    const leg = this.#addLeg({
      sid,
      parentSid: undefined,
      from: plan.from,
      to: plan.to,
      direction: 'inbound',
    });
    this.placed = { sid, from: plan.from, to: plan.to, legs: [leg], done: false, alerts: [] };
    this.caller = { leg, gone: false, answeredAtSeconds: undefined, digits: plan.caller.digits };
  }

  /** A leg that a Dial rings. */
  dialledLeg(from: string, to: string): CallLeg {
    const { sid } = this.placed;
    const leg = this.#addLeg({
      sid: this.world.sids.next('CA', sid),
      parentSid: sid,
      from,
      to,
      direction: 'outbound-dial',
    });
    this.placed.legs.push(leg);
    return leg;
  }

  answer(line: Line): void {
    if (line.answeredAtSeconds === undefined && !line.gone) {
      line.answeredAtSeconds = this.elapsedSeconds;
      line.leg.status = 'in-progress';
    }
  }

  /** The person hangs up, or is hung up on. */
  end(line: Line, status?: CallLeg['status']): void {
    if (line.leg.endTime !== undefined) return;
    line.gone = true;
    const { leg, answeredAtSeconds } = line;
    leg.status = status ?? (answeredAtSeconds === undefined ? 'no-answer' : 'completed');
    leg.durationSeconds =
      answeredAtSeconds === undefined ? 0 : Math.round(this.elapsedSeconds - answeredAtSeconds);
    leg.endTime = this.instant();
  }

  /** What Twilio does when it has no document: it picks up, says that an application error has occurred, and ends. */
  apologise(line: Line): void {
    this.answer(line);
    this.elapsedSeconds += 5;
    this.end(line);
  }

  /** The instant it would be had the seconds of this call really passed. */
  instant(): Date {
    const [parent] = this.placed.legs;
    return new Date((parent?.startTime.getTime() ?? 0) + this.elapsedSeconds * 1000);
  }

  alert(code: number, message: string): void {
    this.placed.alerts.push({ code, message });
    this.world.journal.add('alert', { callSid: this.placed.sid, code, message });
  }

  /**
   * Asks for the next document. When that fails, the number's fallback URL gets a chance; undefined when there
   * is nothing to go on with.
   */
  async fetch(
    line: Line,
    address: string,
    base: string,
    method: Method,
    extra: Record<string, string> = {},
  ): Promise<Document | undefined> {
    this.#requests += 1;
    if (this.#requests > requestsMax) {
      this.alert(11200, `This call has asked for ${requestsMax} documents: it goes round in circles`);
      return undefined;
    }
    const url = resolve(address, base);
    try {
      return await this.#ask(line, url, method, extra);
    } catch (error) {
      if (!(error instanceof TwimlError)) throw error;
      this.alert(error.code, `${error.message} (${url})`);
      const { VoiceFallbackUrl, VoiceFallbackMethod } = this.number.settings;
      const isFallback = url === VoiceFallbackUrl;
      if (line !== this.caller || VoiceFallbackUrl === '' || isFallback) return undefined;
      const params = { ...extra, ErrorCode: String(error.code), ErrorUrl: url.split('#', 1)[0] ?? '' };
      return this.fetch(line, VoiceFallbackUrl, '', methodOf(VoiceFallbackMethod), params);
    }
  }

  /** Reports something; nobody waits for the answer. */
  notify(line: Line, address: string, base: string, method: Method, extra: Record<string, string>): void {
    this.world.webhooks.notify({
      subject: this.placed.sid,
      account: this.account,
      url: resolve(address, base),
      method,
      params: { ...this.params(line.leg), ...extra },
    });
  }

  /** What every webhook about a leg carries. */
  params(leg: CallLeg): Record<string, string> {
    return {
      AccountSid: leg.accountSid,
      ApiVersion: '2010-04-01',
      CallSid: leg.sid,
      CallStatus: leg.status,
      Called: leg.to,
      Caller: leg.from,
      Direction: leg.direction,
      From: leg.from,
      To: leg.to,
      ...geography('Called', leg.to),
      ...geography('Caller', leg.from),
      ...geography('From', leg.from),
      ...geography('To', leg.to),
      ...(leg.parentSid !== undefined && { ParentCallSid: leg.parentSid }),
    };
  }

  /** The parameters that only the last word about a leg has. */
  closing(leg: CallLeg): Record<string, string> {
    const seconds = leg.durationSeconds ?? 0;
    return {
      CallbackSource: 'call-progress-events',
      CallDuration: String(seconds),
      Duration: String(Math.ceil(seconds / 60)),
      Timestamp: rfc2822(leg.endTime ?? this.instant()),
    };
  }

  async #ask(line: Line, url: string, method: Method, extra: Record<string, string>): Promise<Document> {
    const first = this.#requests === 1 && line === this.caller;
    const outcome = await this.world.webhooks.ask({
      subject: this.placed.sid,
      account: this.account,
      url,
      method,
      params: {
        ...this.params(line.leg),
        ...(first && { CallToken: `token-${this.placed.sid}` }),
        ...(first && isE164(line.leg.from) && { StirVerstat: 'TN-Validation-Passed-A' }),
        ...extra,
      },
    });
    return { verbs: verbsOf(outcome), url: outcome.url };
  }

  #addLeg(leg: Pick<CallLeg, 'sid' | 'parentSid' | 'from' | 'to' | 'direction'>): CallLeg {
    const added: CallLeg = {
      ...leg,
      accountSid: this.account.sid,
      phoneNumberSid: this.number.sid,
      status: 'ringing',
      startTime: leg.parentSid === undefined ? this.world.now() : this.instant(),
      endTime: undefined,
      durationSeconds: undefined,
    };
    this.world.legs.push(added);
    return added;
  }
}
