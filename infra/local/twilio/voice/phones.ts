/** How a phone that the simulator does not own reacts. */
export interface Phone {
  /** False: it rings until somebody gives up. */
  answers: boolean;
  busy: boolean;
  declines: boolean;
  /** Seconds of ringing before it is answered. */
  afterSeconds: number;
  /** The carrier's voicemail answers where the person does not: to Twilio it looks like an answer. */
  carrierVoicemail: boolean;
  /** Keys the person presses when asked. */
  digits: string;
  /** What happens to texts: refused at once, lost (30006, 30003, 30007), or delivered. */
  texts: 'arrive' | 'landline' | 'carrierLandline' | 'unreachable' | 'filtered';
}

const usual: Phone = {
  answers: true,
  busy: false,
  declines: false,
  afterSeconds: 5,
  carrierVoicemail: false,
  digits: '',
  texts: 'arrive',
};

export class Phones {
  readonly #known = new Map<string, Partial<Phone>>();

  get state(): Map<string, Partial<Phone>> {
    return this.#known;
  }

  restore(state: ReadonlyMap<string, Partial<Phone>>): void {
    for (const [phoneNumber, behaviour] of state) this.set(phoneNumber, behaviour);
  }

  set(phoneNumber: string, behaviour: Partial<Phone>): void {
    this.#known.set(phoneNumber, behaviour);
  }

  /** The phone's behaviour, with what differs in one call. */
  get(phoneNumber: string, inThisCall: Partial<Phone> = {}): Phone {
    return { ...usual, ...this.#known.get(phoneNumber), ...inThisCall };
  }
}
