import { schedule } from '#shared/schedule.ts';

export const purgeRecordings = () =>
  schedule({
    summary: 'Delete recordings at Twilio that have been in our own bucket for a day',
    expression: 'cron(20 7 * * ? *)',
    grants: ['recording:read', 'recording:write', 'twilio:recordings'],
    timeoutSeconds: 600,
    impact: 'Recordings of callers stay at Twilio, where they are paid for and kept longer than we promise.',
  });

export const sweepCalls = () =>
  schedule({
    summary:
      'Send finished calls on again that were not followed up or counted; ask Twilio how those without an end ended',
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
