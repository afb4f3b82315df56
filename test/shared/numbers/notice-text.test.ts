import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { E164 } from '#shared/id.ts';
import { noticeText } from '#shared/numbers/notice-text.ts';
import { anyText } from '#test/support/any-text.ts';

test('it names the number and the DJ, says what to do and how to stop', () => {
  expect(noticeText('en', '+19015550100' as E164, 'DJ Ben')).toBe(
    "DJ Dash: calls to (901) 555-0100 for DJ Ben no longer ring this phone. Didn't ask for this? Contact DJ Dash support. Reply STOP to opt out",
  );
  expect(noticeText('es', '+19015550100' as E164, null)).toBe(
    'DJ Dash: las llamadas al (901) 555-0100 ya no suenan aqui. Si no lo pidio, avise a DJ Dash. Responda STOP para no recibir mas',
  );
});

test('it is one segment of GSM-7, whatever the name', () => {
  fc.assert(
    fc.property(fc.constantFrom('en', 'es'), anyText({ maxLength: 200 }), (language, name) => {
      const text = noticeText(language, '+19015550100' as E164, name);
      expect(text.length + (text.match(/[\^{}\\[~\]|€]/g)?.length ?? 0)).toBeLessThanOrEqual(160);
      expect(text).toMatch(/STOP/);
    }),
  );
});
