import type { Call } from '#shared/calls/call.ts';
import { log } from '#shared/log.ts';
import { type ForgetCallerDeps, forgetCallerInEvents } from '#shared/platform-events/forget-caller.ts';
import { type ForgetRecordingsDeps, forgetRecordings } from '#shared/recordings/forget-recordings.ts';
import type { CallerData } from './caller-data.repository.ts';
import { mayHaveTraces } from './forget-caller.ts';

export interface ForgetCallsDeps extends ForgetRecordingsDeps, ForgetCallerDeps {
  data: Pick<CallerData, 'beginToForget' | 'forget'>;
}

/** Calls of which the caller is forgotten, and of which they could not be yet. */
export interface ForgottenCalls {
  forgotten: number;
  failed: number;
}

/** Calls at once; each may ask Twilio for both of its recordings. */
const parallelMax = 10;

/**
 * Forgets the callers of these calls. A call keeps its caller while any of its recordings or events is left, so that it is
 * found again; one that fails does not keep it from the others.
 */
export async function forgetCalls(deps: ForgetCallsDeps, calls: Call[]): Promise<ForgottenCalls> {
  const done: ForgottenCalls = { forgotten: 0, failed: 0 };
  for (let first = 0; first < calls.length; first += parallelMax)
    await Promise.all(
      calls.slice(first, first + parallelMax).map(async (call) => {
        try {
          await forgetCall(deps, call);
          done.forgotten++;
        } catch (error) {
          done.failed++;
          log.error('the caller of a call could not be forgotten', {
            callId: call.id,
            error: error as Error,
          });
        }
      }),
    );
  return done;
}

async function forgetCall(deps: ForgetCallsDeps, call: Call): Promise<void> {
  if (!mayHaveTraces(call, deps.now())) return deps.data.forget(call, deps.now());
  const marked = await deps.data.beginToForget(call, deps.now());
  await forgetRecordings(deps, marked);
  await forgetCallerInEvents(deps, marked.id);
  await deps.data.forget(marked, deps.now());
}
