import { describe, expect, it, test } from 'vitest';
import * as z from 'zod';
import { type Control, checked, describeControls } from '#infra/local/controls.ts';
import { tipjarControls } from '#infra/local/tipjar/tipjar.ts';
import { controls } from '#infra/local/twilio/control/controls.ts';

const all: Readonly<Record<string, Control>> = { ...controls, ...tipjarControls };
const withBody = Object.entries(all).filter(([, { body }]) => body !== undefined);

describe.each(withBody)('%s', (_call, { body, example }) => {
  const schema = body ?? z.never();

  it('takes its own example', () => {
    expect(checked(schema, example)).toHaveProperty('data');
  });

  it('names a field that it does not have', () => {
    const { problem } = checked(schema, { ...(example as object), nosuch: 1 }) as { problem: string };
    expect(problem).toContain('"nosuch"');
  });

  it('names a field of a wrong type', () => {
    const wrong = Object.fromEntries(Object.keys(example as object).map((name) => [name, { no: 'thing' }]));
    const { problem } = checked(schema, wrong) as { problem: string };
    for (const name of Object.keys(wrong)) expect(problem).toContain(`${name}: `);
  });
});

test('each call is told with what it does, its fields, their types and defaults, and an example', () => {
  const { endpoints, calls } = describeControls(controls);

  expect(endpoints).toEqual(calls.map(({ call }) => call));
  expect(calls).toContainEqual({
    call: 'PUT /_sim/stock',
    does: expect.stringMatching(/numbers to buy/),
    body: {
      country: '"US" or "CA", "US" unless given',
      areaCode: 'three digits',
      count: 'integer from 0 to 100, required',
    },
    example: { areaCode: '901', count: 0 },
  });
  const placing = calls.find(({ call }) => call === 'POST /_sim/calls') as { body: Record<string, string> };
  expect(placing.body).toMatchObject({
    talkSeconds: 'number from 0 to 86400, 60 unless given',
    'caller.voicemail': 'object',
    'caller.voicemail.seconds': 'number from 0 to 86400, required',
  });
});
