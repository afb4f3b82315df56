import type { Phone } from './phones.ts';

/** How the two people of a call behave. */
export interface CallPlan {
  from: string;
  to: string;
  /** How long they talk once connected. */
  talkSeconds: number;
  /** Who ends the conversation. When the callee does, the caller stays on the line for what comes next. */
  hangUpBy: 'caller' | 'callee';
  caller: {
    hangsUpWhileRinging: boolean;
    /** During the first words that are spoken to them. */
    hangsUpWhileHearing: boolean;
    /** What the caller says after the beep; without it the caller hangs up at the beep. */
    voicemail: { seconds: number; transcript: string; endsWith: string } | undefined;
    /** Keys the caller presses when asked. */
    digits: string;
  };
  callee: Partial<Phone>;
}
