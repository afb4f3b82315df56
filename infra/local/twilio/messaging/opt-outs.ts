/** Twilio's keywords (https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out), compared without case. */
const stopWords = ['STOP', 'UNSUBSCRIBE', 'END', 'QUIT', 'STOPALL', 'REVOKE', 'OPTOUT', 'CANCEL'];
const startWords = ['START', 'UNSTOP', 'YES'];
const helpWords = ['HELP', 'INFO'];

export type Keyword = 'stop' | 'start' | 'help';

export function keywordOf(body: string): Keyword | undefined {
  const word = body.trim().toUpperCase();
  if (stopWords.includes(word)) return 'stop';
  if (startWords.includes(word)) return 'start';
  return helpWords.includes(word) ? 'help' : undefined;
}

/** Who must not be texted, per sender: a number, or a whole Messaging Service. */
export class OptOuts {
  readonly #blocked = new Map<string, { sender: string; phone: string }>();

  /** False when it was blocked already. */
  block(sender: string, phone: string): boolean {
    const key = `${sender} ${phone}`;
    const isNew = !this.#blocked.has(key);
    this.#blocked.set(key, { sender, phone });
    return isNew;
  }

  /** False when it was not blocked. */
  unblock(sender: string, phone: string): boolean {
    return this.#blocked.delete(`${sender} ${phone}`);
  }

  isBlocked(senders: (string | undefined)[], phone: string): boolean {
    return senders.some((sender) => sender !== undefined && this.#blocked.has(`${sender} ${phone}`));
  }

  restore(blocked: readonly { sender: string; phone: string }[]): void {
    for (const { sender, phone } of blocked) this.block(sender, phone);
  }

  list(): { sender: string; phone: string }[] {
    return [...this.#blocked.values()];
  }
}
