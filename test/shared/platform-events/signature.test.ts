import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { signaturesOf } from '#shared/platform-events/signature.ts';

const body = '{"test": 2432232314}';
const [id, time] = ['msg_p5jXN8AQM9LWM0D4loKWxJek', 1_614_265_330];
// The example of the Standard Webhooks libraries.
const key = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

test('is that of the Standard Webhooks libraries for the same message', () => {
  expect(signaturesOf([key], id, time, body)).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
});

test('is the same with a key without its prefix, as the stack generates it', () => {
  const generated = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQR';
  const mac = createHmac('sha256', Buffer.from(generated, 'base64')).update(`${id}.${time}.${body}`);
  expect(signaturesOf([generated], id, time, body)).toBe(`v1,${mac.digest('base64')}`);
});

test('is made with both keys while the key is changed', () => {
  const next = `whsec_${Buffer.from('another key of twenty-four').toString('base64')}`;
  const both = signaturesOf([key, next], id, time, body).split(' ');
  expect(both).toEqual([signaturesOf([key], id, time, body), signaturesOf([next], id, time, body)]);
});

test.each(['', 'whsec_', 'whsec_not base64 at all, but long enough to be', 'whsec_c2hvcnQ='])(
  'is refused with the key "%s"',
  (wrong) => {
    expect(() => signaturesOf([wrong], id, time, body)).toThrow('24 bytes in base64');
  },
);
