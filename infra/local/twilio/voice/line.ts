import type { CallLeg } from '../entities.ts';

/** One person's end of a call while it lasts. */
export interface Line {
  readonly leg: CallLeg;
  /** Whether the person has hung up. */
  gone: boolean;
  /** When it was answered, in seconds since the call began. */
  answeredAtSeconds: number | undefined;
  /** Keys the person still has to press. */
  digits: string;
}
