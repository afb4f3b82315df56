import { schedule } from '#shared/schedule.ts';

export const retryEvents = () =>
  schedule({
    summary: 'Deliver the events that the platform did not take yet',
    expression: 'rate(1 minute)',
    grants: ['platformEvents:read', 'platformEvents:write', 'platform:webhook'],
    timeoutSeconds: 60,
    impact: 'Events that the platform did not take at once never reach it.',
  });
