import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { otherSettings } from './settings.ts';
import { type Synthesized, synthesize } from './synthesize.ts';

let prod: Synthesized;
beforeAll(() => {
  prod = synthesize('prod', { alarmEmail: otherSettings.alarmEmail });
});

const runbook = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');

describe('alarms', () => {
  it('say what people lose and name an article that the runbook has', () => {
    const anchors = [...runbook.matchAll(/^## (.+)$/gm)].map(([, title = '']) => anchor(title));

    for (const { id, properties } of prod.ofType('AWS::CloudWatch::Alarm')) {
      const [, impact, article] =
        /^(\S.{20,}\.) What to do: docs\/runbook\.md#([a-z-]+)$/.exec(properties.AlarmDescription) ?? [];
      expect(impact, id).toBeDefined();
      expect(anchors, id).toContain(article);
    }
  });

  it('have no article in the runbook without an alarm', () => {
    const used = prod
      .ofType('AWS::CloudWatch::Alarm')
      .map(({ properties }) => properties.AlarmDescription.split('#')[1]);
    const articles = runbook.slice(runbook.indexOf('# The alarms'));

    for (const [, title = ''] of articles.matchAll(/^## (.+)$/gm)) expect(used).toContain(anchor(title));
  });

  it.each([
    ['dead letters', 'dead-letters', 'ApproximateNumberOfMessagesVisible', 1],
    ['waiting messages', 'queue-age', 'ApproximateAgeOfOldestMessage', 300],
    ['a relay that lags', 'stream-behind', 'IteratorAge', 300_000],
    ['errors of answerCall', 'answer-call-errors', 'Errors', 1],
    ['a slow answerCall', 'answer-call-slow', 'Duration', 3000],
    ['errors of any other function', 'function-errors', 'Errors', 1],
    ['errors of the gateway', 'api-errors', '5xx', 5],
    ['throttled functions', 'throttles', 'Throttles', 1],
    ['use of the fallback', 'fallback-used', 'FallbackUsed', 1],
    ['refused signatures', 'signature-refusals', 'SignatureRefused', 5],
    ['errors of Twilio', 'twilio-errors', 'TwilioErrors', 5],
    ['drift between pool and Twilio', 'audit-drift', 'AuditDrift', 1],
    ['a pool below its buffer', 'pool-below-buffer', 'PoolBelowBuffer', 1],
    ['texts that nobody may send', 'no-sender', 'SmsSkippedNoSender', 1],
    ['acts that are not recorded', 'act-not-recorded', 'ActNotRecorded', 1],
    ['money without a call', 'unmatched-payments', 'PaymentUnmatched', 1],
    ['a Twilio account that runs dry', 'twilio-balance', 'TwilioBalance', 50],
  ])('ring for %s', (_what, article, metric, threshold) => {
    const found = prod
      .ofType('AWS::CloudWatch::Alarm')
      .filter(({ properties }) => properties.AlarmDescription.endsWith(`#${article}`));

    expect(found.length).toBeGreaterThan(0);
    for (const { properties } of found) {
      expect(properties).toMatchObject({
        MetricName: metric,
        Threshold: threshold,
        ComparisonOperator:
          metric === 'TwilioBalance' ? 'LessThanThreshold' : 'GreaterThanOrEqualToThreshold',
        AlarmActions: [expect.stringContaining('data/AlarmsTopic')],
      });
    }
  });

  it('watch every function and every dead-letter queue', () => {
    const watched = (metric: string) =>
      prod
        .ofType('AWS::CloudWatch::Alarm')
        .filter(({ properties }) => properties.MetricName === metric)
        .map(({ properties }) => properties.Dimensions[0]?.Value ?? '')
        .sort();
    const deadLetterQueues = prod
      .ofType('AWS::SQS::Queue')
      .filter(({ properties }) => properties.QueueName.endsWith('dead-letters'));

    expect(watched('Errors')).toEqual(
      prod
        .ofType('AWS::Lambda::Function')
        .map(({ id }) => id)
        .sort(),
    );
    expect(watched('ApproximateNumberOfMessagesVisible')).toEqual(
      deadLetterQueues.map(({ id }) => `${id}.QueueName`).sort(),
    );
  });
});

/** A heading's anchor as GitHub makes it. */
function anchor(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\w\s-]/g, '')
    .replaceAll(/\s/g, '-');
}
