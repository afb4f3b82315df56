import { Failure } from '#shared/failure.ts';
import type { MessageSid } from '#shared/id.ts';
import type { OutgoingText, Texting } from '#shared/twilio/messages.ts';
import { TwilioRefusal } from '#shared/twilio/twilio-failure.ts';

export interface FakeTexting extends Texting {
  sent: (OutgoingText & { sid: MessageSid; at: Date })[];
  /** A number is the code of a refusal. */
  behave: 'well' | 'lose-answer' | 'unreachable' | number;
  /** How often it was asked what was sent. */
  looks: number;
}

/** Twilio's texts in memory, each with its time: what it was given stays, whatever its answer was. */
export function fakeTexting(now: () => Date): FakeTexting {
  const texting: FakeTexting = {
    sent: [],
    behave: 'well',
    looks: 0,
    async send(text) {
      if (texting.behave === 'unreachable') throw new Failure('TWILIO_UNAVAILABLE');
      if (typeof texting.behave === 'number') throw new TwilioRefusal(texting.behave, 'refused', undefined);
      const sid = `SM${texting.sent.length}` as MessageSid;
      texting.sent.push({ ...text, sid, at: now() });
      if (texting.behave === 'lose-answer') throw new Failure('TWILIO_UNAVAILABLE');
      return sid;
    },
    async findSent({ to, isIt }, since) {
      texting.looks++;
      if (texting.behave === 'unreachable') throw new Failure('TWILIO_UNAVAILABLE');
      return texting.sent.find((text) => text.to === to && text.at >= since && isIt(text.body))?.sid;
    },
  };
  return texting;
}
