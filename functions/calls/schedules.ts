import { schedule } from '#shared/schedule.ts';

export const sweepCalls = () =>
  schedule({
    summary: 'Find finished calls that were not followed up or counted and send them on again',
    expression: 'rate(5 minutes)',
    grants: [
      'openCalls:read',
      'call:read',
      'call:write',
      'number:read',
      'dj:read',
      'queue:followUps',
      'queue:callFacts',
    ],
    timeoutSeconds: 60,
    impact: 'Calls whose messages were lost get no payment link and are not counted.',
  });
