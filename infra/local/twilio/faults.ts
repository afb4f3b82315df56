import type { Journal } from './journal.ts';
import { chance } from './sids.ts';

/** What can go wrong, and what each kind does to a REST request of the client or to a webhook of ours. */
export const faultKinds = [
  // The webhook comes twice.
  'duplicate',
  // A status callback comes after the one that follows it.
  'reorder',
  // The webhook or the REST request is held for `delayMs`.
  'delay',
  // A webhook is never sent; a REST connection breaks before anything happened.
  'drop',
  // REST answers `status` (503) with `body` and did nothing; the answer to a webhook gets lost and counts as `status`.
  'error',
  // It happened, but nobody hears: the REST connection hangs, then breaks; the webhook counts as timed out.
  'timeoutAfterSuccess',
  // Somebody else buys the number between search and purchase: REST refuses with 21422.
  'taken',
  // Before the real webhook comes a copy of it with a wrong signature, or with none.
  'forgedSignature',
  'unsigned',
  // Signed with the token before the last rotation.
  'oldToken',
  // Parameters nobody has heard of, empty ones, and ones beyond ASCII.
  'unknownParameters',
  'blankParameters',
  'unicode',
] as const;
export type FaultKind = (typeof faultKinds)[number];

export interface FaultRule {
  kind: FaultKind;
  /** Which traffic; by default REST for `error`, `timeoutAfterSuccess` and `taken`, webhooks for the rest. */
  on: 'rest' | 'webhooks';
  /** Part of "METHOD /path", `*` for anything, `{name}` for anything without a slash, `$` for the end; everything when absent. */
  route: string | undefined;
  /** Either a share of the traffic, or the next so many. */
  rate: number | undefined;
  count: number | undefined;
  status: number;
  /** What REST answers with: an error in Twilio's words, nothing at all, or a page of somebody else. */
  body: (typeof faultBodies)[number];
  delayMs: number;
}

export const faultBodies = ['twilio', 'empty', 'html'] as const;

type CountedRule = FaultRule & { left: number | undefined };

export interface FaultState {
  seed: number;
  rules: CountedRule[];
  seen: Map<string, number>;
}

interface Traffic {
  on: FaultRule['on'];
  method: string;
  path: string;
  /** The call or message a webhook is about. */
  subject?: string;
}

/** Decides from a seed which requests are hit, the same way in every run. */
export class Faults {
  readonly #defaultSeed: number;
  readonly #journal: Journal;
  #seed: number;
  #rules: CountedRule[] = [];
  readonly #seen = new Map<string, number>();

  constructor(seed: number, journal: Journal) {
    this.#defaultSeed = seed;
    this.#seed = seed;
    this.#journal = journal;
  }

  /** Replaces all rules. */
  set(rules: FaultRule[], seed?: number): void {
    this.#seed = seed ?? this.#defaultSeed;
    this.#rules = rules.map((rule) => ({ ...rule, left: rule.count }));
    this.#seen.clear();
  }

  get state(): FaultState {
    return { seed: this.#seed, rules: this.#rules, seen: this.#seen };
  }

  restore({ seed, rules, seen }: FaultState): void {
    this.#seed = seed;
    this.#rules = rules;
    for (const [what, times] of seen) this.#seen.set(what, times);
  }

  list(): CountedRule[] {
    return this.#rules;
  }

  /** The rule of this kind that hits this traffic, if any. Asking uses it up. */
  strike(kind: FaultKind, traffic: Traffic): FaultRule | undefined {
    const request = `${traffic.method} ${traffic.path}`;
    for (const [index, rule] of this.#rules.entries()) {
      const isMeant = rule.kind === kind && rule.on === traffic.on && covers(rule.route, request);
      if (isMeant && this.#hits(rule, `${index} ${kind} ${traffic.subject ?? ''} ${request}`)) {
        this.#journal.add('fault', { fault: kind, on: traffic.on, request });
        return rule;
      }
    }
    return undefined;
  }

  #hits(rule: CountedRule, what: string): boolean {
    if (rule.left !== undefined) {
      rule.left -= 1;
      return rule.left >= 0;
    }
    // Counted per subject and request, so that calls running side by side do not change each other's luck.
    const occurrence = (this.#seen.get(what) ?? 0) + 1;
    this.#seen.set(what, occurrence);
    return chance(this.#seed, 'fault', what, occurrence) < (rule.rate ?? 0);
  }
}

function covers(route: string | undefined, request: string): boolean {
  const pattern = (route ?? '')
    .replaceAll(/[.+?^()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll(/\{\w+\}/g, '[^/]+');
  return new RegExp(pattern).test(request);
}
