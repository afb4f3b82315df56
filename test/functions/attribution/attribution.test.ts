import { describe, expect, test } from 'vitest';
import type { DjProfileId } from '#shared/id.ts';
import { keys } from '#shared/table/keys.ts';
import { functionRig } from '#test/functions/function-rig.ts';
import { serviceClaims } from '#test/shared/http/api-event.ts';

const rig = await functionRig();
await rig.table.put({ ...keys.djNumber('dj-ben' as DjProfileId), entity: 'hold' });
const page_url = 'https://djdash.example.com/dj/ben';

const note = (body: unknown, headers: Record<string, string> = {}) =>
  rig.ask('attribution.noteClick', { method: 'POST', path: '/api/djdash/public/clicks', body, headers });
const clicks = async () => (await rig.table.query({ pk: 'CLICKS#dj-ben', limit: 50 })).items;

describe('a click', () => {
  test('is kept with where it came from, sent as JSON or as a beacon', async () => {
    const body = { dj_profile_id: 'dj-ben', page_url, event_type: 'Wedding', referrer: '', utm_source: 'ig' };
    expect(await note(body)).toMatchObject({ status: 202, json: { success: true } });
    const beacon = { 'content-type': 'text/plain;charset=UTF-8' };
    expect(await note(JSON.stringify({ dj_profile_id: 'dj-ben', page_url }), beacon)).toMatchObject({
      status: 202,
    });
    expect((await clicks()).map(({ record }) => record)).toMatchObject([
      { pageUrl: page_url, eventType: 'wedding', referrer: null, utm: { source: 'ig' } },
      { pageUrl: page_url, utm: null },
    ]);
  });

  test.each([
    [{}, ['body.dj_profile_id', 'body.page_url']],
    [{ dj_profile_id: 'dj-ben', page_url: 'javascript:alert(1)' }, ['body.page_url']],
    [{ dj_profile_id: 'dj-ben', page_url: `https://x.example.com/${'a'.repeat(2048)}` }, ['body.page_url']],
    [{ dj_profile_id: 'dj-ben', page_url, referrer: 'data:x' }, ['body.referrer']],
    [{ dj_profile_id: 'dj-ben', page_url: 'https://ben:secret@x.example.com/' }, ['body.page_url']],
    [{ dj_profile_id: 'dj-ben', page_url: 'https://ben@x.example.com/' }, ['body.page_url']],
    [{ dj_profile_id: 'dj-ben', page_url, referrer: 'https://:secret@x.example.com/' }, ['body.referrer']],
    [{ dj_profile_id: 'dj-ben', page_url, utm_term: 'x'.repeat(201) }, ['body.utm_term']],
    [{ dj_profile_id: 'dj-ben', page_url, caller_number: '+16155550123' }, ['body.caller_number']],
  ])('%j is refused', async (body, problems) => {
    const { status, json } = await note(body);
    expect(status).toBe(400);
    expect((json.details as { path: string }[]).map(({ path }) => path).toSorted()).toEqual(problems);
  });

  test('on a DJ that there is not leaves nothing', async () => {
    expect(await note({ dj_profile_id: 'dj-nobody', page_url })).toMatchObject({ status: 404 });
  });

  test('in another type than JSON or text is refused', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    expect(await note('a=b', headers)).toMatchObject({ status: 400 });
    expect(await note('{', { 'content-type': 'text/plain' })).toMatchObject({ status: 400 });
  });

  test('may be told of by the platform: a call without caller, status and duration is one', async () => {
    const body = { dj_profile_id: 'dj-ben', page_url: `${page_url}?p=1`, event_type: 'party' };
    const answer = await rig.ask('calls.logCall', {
      method: 'POST',
      path: '/api/djdash/calls',
      claims: serviceClaims,
      body,
    });
    expect(answer).toMatchObject({ status: 202, json: { click: { id: expect.stringMatching(/^clk_/) } } });
    expect(answer.json.call).toBeUndefined();
    expect((await clicks()).at(-1)?.record).toMatchObject({ pageUrl: `${page_url}?p=1`, eventType: 'party' });
  });
});

test('a text/plain body is taken nowhere else', async () => {
  const answer = await rig.ask('calls.logCall', {
    method: 'POST',
    path: '/api/djdash/calls',
    claims: serviceClaims,
    headers: { 'content-type': 'text/plain' },
    body: JSON.stringify({ dj_profile_id: 'dj-ben', caller_number: 'anonymous' }),
  });
  expect(answer.status).toBe(400);
});
