import * as fc from 'fast-check';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { expect, test } from 'vitest';
import {
  apologise,
  askToPressOne,
  decline,
  forward,
  isScreenedWhisper,
  languageOf,
  nothing,
  notInService,
  takeVoicemail,
  thank,
  whisper,
} from '#shared/twilio/twiml.ts';
import { anyText } from '#test/support/any-text.ts';

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  trimValues: false,
  processEntities: true,
});
interface Parsed {
  Response: Record<string, unknown> | string;
}
function verbs(twiml: string): Record<string, never> {
  expect(XMLValidator.validate(twiml)).toBe(true);
  return (parser.parse(twiml) as Parsed).Response as Record<string, never>;
}

const call = {
  callId: 'call_1',
  target: '+19015550111',
  callerId: '+16155550123',
  ringTimeoutSeconds: 18,
  talkSecondsMax: 7200,
  isRecorded: false,
  isScreened: false,
  isAnnounced: false,
  language: 'en',
} as const;

test('a recorded call is announced before it rings, and both sides are recorded apart', () => {
  const twiml = forward({ ...call, isRecorded: true, language: 'es' });
  expect(twiml).toMatch(/<Response><Say language="es-MX">Esta llamada está siendo grabada.<\/Say><Dial /);
  expect(twiml).toContain('record="record-from-answer-dual"');
  expect(twiml).toContain('recordingStatusCallback="/api/djdash/calls/recording/call_1"');
  expect(twiml).not.toContain('answerOnBridge');
});

test('a call that is announced asks us what the DJ is to hear', () => {
  const twiml = forward({ ...call, isAnnounced: true });
  expect(twiml).toMatch(/<Response><Dial .*answerOnBridge="true"/);
  expect(twiml).toContain(
    '<Number url="/api/djdash/calls/whisper/call_1?screened=false" method="POST">+19015550111</Number>',
  );
});

test('a call that is screened asks us in another way, which needs no table to be known', () => {
  const urlOf = (twiml: string) => /<Number url="[^"?]*\??([^"]*)"/.exec(twiml)?.[1];
  for (const isAnnounced of [true, false])
    expect(isScreenedWhisper(urlOf(forward({ ...call, isScreened: true, isAnnounced })) ?? '')).toBe(true);
  expect(isScreenedWhisper(urlOf(forward({ ...call, isAnnounced: true })) ?? '')).toBe(false);
});

test('a whisper is said and nothing more, so that the call is connected', () => {
  expect(whisper('Wedding page', 'en')).toMatch(
    /<Response><Say language="en-US">Wedding page<\/Say><\/Response>$/,
  );
  expect(whisper('  ', 'es')).toContain('Una llamada de su página de DJ Dash.');
});

test('who is asked to press 1 and does not is hung up on', () => {
  const twiml = askToPressOne('call_1', 'Wedding page', 'en');
  expect(twiml).toMatch(
    /<Gather action="\/api\/djdash\/calls\/whisper\/call_1" method="POST" numDigits="1" timeout="8"><Say language="en-US">Wedding page Press 1 to take it.<\/Say><\/Gather><Hangup\/>/,
  );
  expect(decline()).toMatch(/<Response><Hangup\/><\/Response>$/);
});

test('whatever a DJ writes into his whisper is words, never a verb', () => {
  fc.assert(
    fc.property(anyText({ maxLength: 200 }), (words) => {
      for (const twiml of [whisper(words, 'en'), askToPressOne('call_1', words, 'es')]) {
        expect(XMLValidator.validate(twiml)).toBe(true);
        expect(
          twiml
            .match(/<(?!\/|\?)\w+/g)
            ?.filter((tag) => !['<Response', '<Say', '<Gather', '<Hangup'].includes(tag)),
        ).toEqual([]);
      }
    }),
  );
});

test('forwarding rings the DJ and asks us what is next', () => {
  const { Dial } = verbs(forward(call)) as unknown as { Dial: Record<string, unknown> };
  expect(Dial).toEqual({
    '@action': '/api/djdash/calls/dial-result/call_1',
    '@method': 'POST',
    '@answerOnBridge': 'true',
    '@timeout': '18',
    '@timeLimit': '7200',
    '@callerId': '+16155550123',
    Number: 19015550111,
  });
});

test('forwarding is the first verb, without which answerOnBridge means nothing', () => {
  expect(forward(call)).toMatch(/<Response><Dial /);
});

test('a voicemail is greeted and recorded, its result and its words come to us', () => {
  const twiml = takeVoicemail(null, 'en');
  expect(twiml).toMatch(/<Say language="en-US">Sorry, nobody/);
  expect(verbs(twiml)).toMatchObject({
    Record: {
      '@action': '/api/djdash/calls/voicemail',
      '@method': 'POST',
      '@maxLength': '120',
      '@transcribe': 'true',
      '@transcribeCallback': '/api/djdash/calls/voicemail',
    },
  });
  expect(takeVoicemail(null, 'es')).toContain('Lo sentimos');
});

test('a voicemail of spam is short and not put into words', () => {
  const twiml = takeVoicemail('Ben here', 'en', true);
  expect(verbs(twiml)).toMatchObject({ Record: { '@maxLength': '30' } });
  expect(twiml).not.toContain('transcribe');
});

/** Whatever a text may be in JavaScript: halves of characters and code points that are none included. */
const anyString = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: 0xffff }),
      fc.integer({ min: 0xd800, max: 0xdfff }),
      fc.constantFrom(0, 0x0b, 0x1f, 0x7f, 0x85, 0xfeff, 0xfffe, 0xffff, 0x22, 0x26, 0x3c, 0x3e, 0x5d),
    ),
    { maxLength: 120 },
  )
  .map((codes) => String.fromCharCode(...codes));

/** Every character that XML 1.0 allows. */
const xmlCharacters = /^[\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]*$/u;

test('whatever is to be said, the TwiML is well-formed XML', () => {
  const halfEmoji = 'Party \ud83c with Ben\ufffe\uffff\u0000';
  const check = (words: string) => {
    for (const twiml of [
      takeVoicemail(words, 'en'),
      takeVoicemail(words, 'es', true),
      whisper(words, 'en'),
      askToPressOne('call_1', words, 'es'),
    ]) {
      expect(XMLValidator.validate(twiml)).toBe(true);
      expect(twiml).toMatch(xmlCharacters);
      expect(twiml.isWellFormed()).toBe(true);
    }
  };
  check(halfEmoji);
  expect(whisper(halfEmoji, 'en')).toMatch(/>Party {3}with Ben<\/Say>/);
  expect(whisper('Wedding 🎶 page', 'en')).toContain('Wedding 🎶 page');
  fc.assert(fc.property(anyString, check), { numRuns: 500 });
});

const greeting = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1 }),
  fc.string({ unit: fc.constantFrom(...'<>&"\'/] Say[\u0000\u0007\u001f'), minLength: 1 }),
);

test.each(['', '   ', '\u0007'])('an empty greeting %j is ours', (empty) => {
  expect(takeVoicemail(empty, 'en')).toBe(takeVoicemail(null, 'en'));
});

test('whatever greeting a DJ writes is spoken, and cannot become TwiML', () => {
  fc.assert(
    fc.property(greeting, (words) => {
      const twiml = takeVoicemail(words, 'en');
      expect(XMLValidator.validate(twiml)).toBe(true);
      expect(twiml.match(/<(?!\?)[^>]*>/g)).toHaveLength(5);
      expect(twiml).not.toMatch(/\p{Cc}/u);
    }),
    { numRuns: 500 },
  );
  expect(takeVoicemail('</Say><Dial>+19005550100</Dial><Say>', 'en')).not.toContain('<Dial>');
  expect(takeVoicemail('Ben & Max <3', 'en')).toContain('Ben &amp; Max &lt;3');
});

test('a caller on a number that nobody holds hears so, of no other number', () => {
  expect(notInService()).toMatch(/not in service.*<Hangup\/>/);
  expect(notInService()).not.toMatch(/\d{7}/);
});

test('an apology takes a voicemail, thanks hang up, nothing is nothing', () => {
  expect(apologise()).toMatch(/sorry.*<Record /i);
  expect(thank('en')).toMatch(/Thank you.*<Hangup\/>/);
  expect(thank('es')).toMatch(/Gracias.*<Hangup\/>/);
  expect(nothing()).toMatch(/<Response\/>$/);
  for (const twiml of [apologise(), thank('en'), nothing(), notInService()])
    expect(XMLValidator.validate(twiml)).toBe(true);
});

test.each([
  ['es', 'es'],
  ['en', 'en'],
  ['fr', 'en'],
  ['__proto__', 'en'],
  [undefined, 'en'],
])('the language %j is spoken as %s', (asked, spoken) => {
  expect(languageOf(asked)).toBe(spoken);
});
