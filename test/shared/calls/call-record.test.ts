import { expect, test } from 'vitest';
import { callRecordOf } from '#shared/calls/call-record.ts';
import { callStart as at, storedCall } from './stored-call.ts';

test('confidence, referrer and campaign are those of the call’s own click, which need not be the nearest', () => {
  const click = { djProfileId: 'dj-ben', at, pageUrl: 'https://djdash.example.com/ben' };
  const candidates = [
    { ...click, id: 'clk_1', confidence: 0.7, referrer: 'https://a.example.com', utm: { source: 'a' } },
    { ...click, id: 'clk_2', confidence: 0.3, referrer: 'https://b.example.com', utm: { source: 'b' } },
  ];
  expect(
    callRecordOf(storedCall({ attribution: { clickId: 'clk_2', at, candidates } })).attribution,
  ).toMatchObject({
    click_id: 'clk_2',
    confidence: 0.3,
    referrer: 'https://b.example.com',
    utm: { source: 'b' },
    candidates: [{ click_id: 'clk_1' }, { click_id: 'clk_2' }],
  });
});
