import type { CallLeg } from '../entities.ts';

/** One call somebody placed to a number of ours, with everything that came of it. */
export interface PlacedCall {
  sid: string;
  from: string;
  to: string;
  /** The caller's leg first, then those that were dialled. */
  legs: CallLeg[];
  /** Over, and every webhook about it is out. */
  done: boolean;
  /** What Twilio would list as errors and warnings of the call, such as 13214. */
  alerts: { code: number; message: string }[];
}
