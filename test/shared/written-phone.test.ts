import { expect, test } from 'vitest';
import { writtenCaller, writtenPhone } from '#shared/written-phone.ts';

test.each([
  ['(901) 555-0101', '+19015550101'],
  ['901.555.0101', '+19015550101'],
  ['1 901 555 0101', '+19015550101'],
  ['+1 (901) 555-0101', '+19015550101'],
  ['tel:+1-901-555-0101', '+19015550101'],
  ['９０１–５５５–０１０１', '+19015550101'],
  ['+44 20 7946 0123', '+442079460123'],
  ['011 44 20 7946 0123', '+442079460123'],
  ['00442079460123', '+442079460123'],
  ['+1 900 555 0101', '+19005550101'],
])('whoever calls may be written "%s"', (written, expected) => {
  expect(writtenPhone(written, 'body.phone_number')).toBe(expected);
  expect(writtenCaller(written, 'body.phone_number')).toBe(expected);
});

test.each(['', 'hello', '555-0101', '911', '(901) 555-0101 ext. 5', '+', '1234', 'anonymous'])(
  '"%s" is no phone number of a caller',
  (written) => {
    expect(() => writtenPhone(written, 'body.phone_number')).toThrow(
      expect.objectContaining({
        code: 'INVALID_PHONE_NUMBER',
        details: [{ path: 'body.phone_number', message: expect.stringContaining('(901) 555-0101') }],
      }),
    );
  },
);

test.each(['anonymous', 'Anonymous '])('"%s" are the callers who hide their number', (written) => {
  expect(writtenCaller(written, 'x')).toBe('anonymous');
});
