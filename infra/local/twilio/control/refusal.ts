import { RestError } from '#infra/local/twilio/rest/reply.ts';

/** A request that cannot be done, with a sentence that says why. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, sentence: string) {
    super(sentence);
    this.name = 'Refusal';
    this.status = status;
  }
}

/** What cannot be found is refused in the words of whoever looked. */
export function refusable<T>(ask: () => T): T {
  try {
    return ask();
  } catch (error) {
    throw new Refusal(404, error instanceof Error ? error.message : String(error));
  }
}

/** What Twilio refuses in its console is refused here in its words. */
export function inConsole<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (error instanceof RestError) throw new Refusal(400, error.message);
    throw error;
  }
}
