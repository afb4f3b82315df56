import { auditGrants } from '#shared/pool/audit-grants.ts';
import { schedule } from '#shared/schedule.ts';

export const auditPool = () =>
  schedule({
    summary: "Compare the pool with Twilio's list of numbers",
    expression: 'cron(15 9 * * ? *)',
    grants: [...auditGrants, 'twilio:numbers'],
    timeoutSeconds: 300,
    impact: 'Numbers that are paid for but not managed, or that ring nowhere, stay unnoticed.',
  });

export const checkBalance = () =>
  schedule({
    summary: 'Read the balance of the Twilio account, which an alarm watches',
    expression: 'rate(1 hour)',
    grants: ['twilio:balance'],
    timeoutSeconds: 20,
    impact: 'Nobody is told that the Twilio account runs out of money before calls and texts end.',
  });

export const endRests = () =>
  schedule({
    summary: 'Free the numbers whose rest is over; those that are still called rest on',
    expression: 'rate(1 hour)',
    grants: ['pool:policy', 'pool:read', 'usage:read', 'number:read', 'number:write', 'dj:write'],
    timeoutSeconds: 60,
    impact: 'Numbers that DJs gave up are not used again; more are bought than needed.',
  });

export const resumeOrders = () =>
  schedule({
    summary: 'Start purchases of many numbers again whose worker was lost or that an operator had stopped',
    expression: 'rate(10 minutes)',
    grants: ['orders:read', 'orders:write', 'switches:read'],
    timeoutSeconds: 30,
    impact: 'Purchases of many numbers that broke off stay unfinished.',
  });

export const replenishPool = () =>
  schedule({
    summary: 'Buy what the buffer lacks, where the stage has a monthly budget for it',
    expression: 'cron(45 9 * * ? *)',
    grants: [
      'number:read',
      'number:write',
      'sid:write',
      'pool:policy',
      'pool:read',
      'purchases:write',
      'orders:write',
      'switches:read',
      'twilio:numbers',
    ],
    timeoutSeconds: 180,
    impact: 'The buffer is not filled by itself: the next DJs may get no number at once.',
  });

export const repointNumbers = () =>
  schedule({
    summary: 'After a change of the base URL, point the webhooks of all numbers to it',
    expression: 'rate(5 minutes)',
    grants: [
      'number:read',
      'pool:policy',
      'pool:read',
      'audit:write',
      'repointing:read',
      'repointing:write',
      'twilio:numbers',
    ],
    timeoutSeconds: 180,
    impact:
      'Numbers keep the former base URL: their calls are lost as soon as nothing answers there any more, or signatures for it are refused.',
  });
