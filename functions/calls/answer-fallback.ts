import { log } from '#shared/log.ts';
import { count } from '#shared/metric.ts';
import { errorCode, text } from '#shared/twilio/form.ts';
import { apologise } from '#shared/twilio/twiml.ts';
import { webhookHandler } from '#shared/twilio/webhook.ts';
import * as calls from './routes.ts';

export const handler = webhookHandler(calls.answerFallback, async ({ form }) => {
  count('FallbackUsed');
  log.error('Twilio could not use the answer of the call handler', {
    errorCode: form.get('ErrorCode', errorCode),
    errorUrl: form.get('ErrorUrl', text(300)),
  });
  return { twiml: apologise() };
});
