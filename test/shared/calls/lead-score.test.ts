import { expect, test } from 'vitest';
import { leadScoreOf } from '#shared/calls/lead-score.ts';
import { settle } from '#shared/calls/settle.ts';
import { dial, leg, storedCall, voicemail } from './stored-call.ts';

test.each([
  ['talked for a minute', { dial_completed: dial(60) }, 'hot', 'talked for 60 s'],
  ['talked for less', { dial_completed: dial(59) }, 'warm', 'talked for 59 s'],
  ['barely talked', { dial_completed: dial(11) }, 'warm', 'talked for 11 s'],
  ['did not really talk', { dial_completed: dial(10) }, 'cold', 'no real conversation'],
  ['left a voicemail', { voicemail: voicemail(5) }, 'warm', 'left a voicemail'],
  ['was missed', { 'dial_no-answer': dial(), status_completed: leg(20) }, 'cold', 'no real conversation'],
  ['still rings', {}, 'cold', 'no real conversation'],
  ['has paid', { dial_completed: dial(11), paidCents: 100 }, 'hot', 'has paid'],
  [
    'got all back',
    { dial_completed: dial(11), paidCents: 100, refundedCents: 100 },
    'warm',
    'talked for 11 s',
  ],
])('a caller who %s', (_what, facts, score, reason) => {
  const call = storedCall(facts);
  expect(leadScoreOf(call, settle(call))).toEqual({ score, reasons: [reason] });
});
