import { schedule } from '#shared/schedule.ts';

export const sweepCalls = () =>
  schedule({
    summary:
      'Send finished calls on again that were not followed up or counted; ask Twilio how the endless ones ended',
    expression: 'rate(5 minutes)',
    grants: [
      'openCalls:read',
      'call:read',
      'call:write',
      'number:read',
      'dj:read',
      'twilio:calls',
      'queue:followUps',
      'queue:callFacts',
    ],
    timeoutSeconds: 60,
    impact: 'Calls whose messages were lost get no payment link and are not counted.',
  });
