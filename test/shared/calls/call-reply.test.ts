import { expect, test } from 'vitest';
import { callReplyOf } from '#shared/calls/call-reply.ts';
import { callStart as at, dial, forwarded, leg, storedCall } from './stored-call.ts';

test('confidence, referrer and campaign are those of the call’s own click, which need not be the nearest', () => {
  const click = { at, pageUrl: 'https://djdash.example.com/ben' };
  const candidates = [
    { ...click, id: 'clk_1', confidence: 0.7 },
    { ...click, id: 'clk_2', confidence: 0.3 },
  ];
  const from = { referrer: 'https://b.example.com', utm: { source: 'b' } };
  expect(
    callReplyOf(storedCall({ attribution: { clickId: 'clk_2', at, ...from, candidates } })).attribution,
  ).toMatchObject({
    click_id: 'clk_2',
    confidence: 0.3,
    referrer: 'https://b.example.com',
    utm: { source: 'b' },
    candidates: [{ click_id: 'clk_1' }, { click_id: 'clk_2' }],
  });
});

test('clicks that are not listed are counted, and it is told that there were more', () => {
  const candidates = [{ id: 'clk_1', at, pageUrl: 'https://djdash.example.com/ben', confidence: 0 }];
  const call = storedCall({ attribution: { clickId: 'clk_1', at, candidates, unlisted: 95, unread: true } });
  expect(callReplyOf(call)).toMatchObject({
    page_url: null,
    attribution: { confidence: 0, other_clicks: 95, more_clicks: true },
  });
});

test('a call that was connected where 1 must be pressed was taken by a person, though the note of it was lost', () => {
  const talked = { dial_completed: dial(95), status_completed: leg(101) };
  const answerer = (facts: object) => callReplyOf(storedCall({ ...talked, ...facts }));
  const screened = { routing: { ...forwarded, screened: true } };
  expect(answerer(screened)).toMatchObject({ outcome: 'answered', answered_by: 'person' });
  expect(answerer({ ...screened, accepted: { at } })).toMatchObject({ answered_by: 'person' });
  expect(answerer({})).toMatchObject({ outcome: 'answered', answered_by: 'unknown' });
  expect(answerer({ ...screened, dial_completed: dial() })).toMatchObject({
    outcome: 'declined',
    answered_by: null,
  });
});
