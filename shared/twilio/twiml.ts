import voiceResponse from 'twilio/lib/twiml/VoiceResponse.js';

// The package is CommonJS, whose module is its class.
const VoiceResponse = voiceResponse;

/** Texts that a caller hears, by the language of the number. */
const texts = {
  en: {
    voicemail: 'Sorry, nobody can take your call right now. Please leave a message after the tone.',
    thanks: 'Thank you. Goodbye.',
    misdirected: 'The number you have called is not in service.',
    apology: 'We are sorry, your call cannot be connected right now. Please leave a message after the tone.',
  },
  es: {
    voicemail: 'Lo sentimos, nadie puede atender su llamada. Deje su mensaje después del tono.',
    thanks: 'Gracias. Adiós.',
    misdirected: 'El número que usted marcó no está en servicio.',
    apology: 'Lo sentimos, no podemos conectar su llamada. Deje su mensaje después del tono.',
  },
} as const;

const voices = { en: 'en-US', es: 'es-MX' } as const;
type Language = keyof typeof texts;

const voicemailPath = '/api/djdash/calls/voicemail';
const voicemailSecondsMax = 120;

/** A language we have texts for; anything else is English. */
export function languageOf(text: string | undefined): Language {
  return text === 'es' ? 'es' : 'en';
}

/** Rings the DJ's phone; when the call ends or fails, Twilio asks the dial-result endpoint what is next. */
export function forward(call: {
  callId: string;
  target: string;
  callerId: string;
  ringTimeoutSeconds: number;
}): string {
  const response = new VoiceResponse();
  const dial = response.dial({
    action: `/api/djdash/calls/dial-result/${call.callId}`,
    method: 'POST',
    // Only honoured while Dial is the first verb: the caller hears ringing and is not billed until the DJ answers.
    answerOnBridge: true,
    timeout: call.ringTimeoutSeconds,
    callerId: call.callerId,
  });
  dial.number(call.target);
  return response.toString();
}

/** Plays the DJ's greeting, or ours, and records a message. */
export function takeVoicemail(greeting: string | null, language: Language): string {
  const words = speakable(greeting ?? '').trim();
  return recordAfter(words === '' ? texts[language].voicemail : words, language);
}

/** What a caller hears when something of ours is broken. */
export function apologise(): string {
  return recordAfter(texts.en.apology, 'en');
}

/** What a caller hears on a number that no DJ holds. */
export function notInService(): string {
  const response = new VoiceResponse();
  response.say({ language: voices.en }, texts.en.misdirected);
  response.hangup();
  return response.toString();
}

/** The end of a voicemail. */
export function thank(): string {
  const response = new VoiceResponse();
  response.say({ language: voices.en }, texts.en.thanks);
  response.hangup();
  return response.toString();
}

/** Nothing more: the call ends. */
export function nothing(): string {
  return new VoiceResponse().toString();
}

function recordAfter(words: string, language: Language): string {
  const response = new VoiceResponse();
  response.say({ language: voices[language] }, words);
  response.record({
    action: voicemailPath,
    method: 'POST',
    maxLength: voicemailSecondsMax,
    playBeep: true,
    transcribe: true,
    transcribeCallback: voicemailPath,
  });
  return response.toString();
}

/** Control characters, which no XML may carry, out of a text that people wrote. */
function speakable(words: string): string {
  return words.replace(/\p{Cc}/gu, ' ');
}
