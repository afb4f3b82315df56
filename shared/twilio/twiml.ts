import voiceResponse from 'twilio/lib/twiml/VoiceResponse.js';
import { cleaned } from '#shared/clean-text.ts';
import { askForTranscript } from './transcription.ts';

// The package is CommonJS, whose module is its class.
const VoiceResponse = voiceResponse;

/** Texts that a caller hears, by the language of the number. */
const texts = {
  en: {
    voicemail: 'Sorry, nobody can take your call right now. Please leave a message after the tone.',
    thanks: 'Thank you. Goodbye.',
    misdirected: 'The number you have called is not in service.',
    apology: 'We are sorry, your call cannot be connected right now. Please leave a message after the tone.',
    recorded: 'This call is being recorded.',
    call: 'A call from your DJ Dash page.',
    pressOne: 'Press 1 to take it.',
  },
  es: {
    voicemail: 'Lo sentimos, nadie puede atender su llamada. Deje su mensaje después del tono.',
    thanks: 'Gracias. Adiós.',
    misdirected: 'El número que usted marcó no está en servicio.',
    apology: 'Lo sentimos, no podemos conectar su llamada. Deje su mensaje después del tono.',
    recorded: 'Esta llamada está siendo grabada.',
    call: 'Una llamada de su página de DJ Dash.',
    pressOne: 'Marque 1 para contestar.',
  },
} as const;

const voices = { en: 'en-US', es: 'es-MX' } as const;
type Language = keyof typeof texts;

const voicemailPath = '/api/djdash/calls/voicemail';
const voicemailSecondsMax = 120;
/** Machines get less of our time, and nobody reads what they say. */
const spamVoicemailSecondsMax = 30;
const pressSeconds = 8;

/** A language we have texts for; anything else is English. */
export function languageOf(text: string | undefined): Language {
  return text === 'es' ? 'es' : 'en';
}

/**
 * Rings the DJ's phone; when the call ends or fails, Twilio asks the dial-result endpoint what is next. A call that is
 * recorded is announced first. Where the DJ is to hear something or to press 1 before they are connected, Twilio asks
 * the whisper endpoint what. A connected call ends after `talkSecondsMax`.
 */
export function forward(call: {
  callId: string;
  target: string;
  callerId: string;
  ringTimeoutSeconds: number;
  talkSecondsMax: number;
  isRecorded: boolean;
  isScreened: boolean;
  isAnnounced: boolean;
  language: Language;
}): string {
  const response = new VoiceResponse();
  if (call.isRecorded) say(response, texts[call.language].recorded, call.language);
  const dial = response.dial({
    action: `/api/djdash/calls/dial-result/${call.callId}`,
    method: 'POST',
    // Only honoured while Dial is the first verb: the caller hears ringing and is not billed until the DJ answers.
    ...(!call.isRecorded && { answerOnBridge: true }),
    timeout: call.ringTimeoutSeconds,
    timeLimit: call.talkSecondsMax,
    callerId: call.callerId,
    ...(call.isRecorded && {
      record: 'record-from-answer-dual' as const,
      recordingStatusCallback: `/api/djdash/calls/recording/${call.callId}`,
      recordingStatusCallbackMethod: 'POST',
    }),
  });
  const isAsked = call.isScreened || call.isAnnounced;
  const path = whisperPath(call.callId) + (call.isScreened ? '' : `?${unscreened}`);
  dial.number(isAsked ? { url: path, method: 'POST' } : {}, call.target);
  return response.toString();
}

/**
 * What the whisper endpoint is asked with for a call that needs no 1, so that it knows so without the table. Whatever
 * is asked without it is screened.
 */
const unscreened = 'screened=false';

/** True for the address of a whisper whose DJ must press 1 to be connected. */
export function isScreenedWhisper(rawQuery: string): boolean {
  return rawQuery !== unscreened;
}

function whisperPath(callId: string): string {
  return `/api/djdash/calls/whisper/${callId}`;
}

/** What the DJ hears when they have answered; then they are connected. */
export function whisper(words: string | null, language: Language): string {
  const response = new VoiceResponse();
  say(response, wordsOr(words, texts[language].call), language);
  return response.toString();
}

/** The same, but the DJ is connected only after pressing 1; their voicemail, which presses nothing, never is. */
export function askToPressOne(callId: string, words: string | null, language: Language): string {
  const response = new VoiceResponse();
  const gather = response.gather({
    action: whisperPath(callId),
    method: 'POST',
    numDigits: 1,
    timeout: pressSeconds,
  });
  say(gather, `${wordsOr(words, texts[language].call)} ${texts[language].pressOne}`, language);
  response.hangup();
  return response.toString();
}

/** The DJ does not take the call: their phone is hung up, the caller gets the voicemail. */
export function decline(): string {
  const response = new VoiceResponse();
  response.hangup();
  return response.toString();
}

/** Plays the DJ's greeting, or ours, and records a message; of spam a short one, which is not put into words. */
export function takeVoicemail(greeting: string | null, language: Language, isSpam = false): string {
  return recordAfter(wordsOr(greeting, texts[language].voicemail), language, isSpam);
}

/** What a caller hears when something of ours is broken. */
export function apologise(): string {
  return recordAfter(texts.en.apology, 'en');
}

/** What a caller hears on a number that no DJ holds. */
export function notInService(): string {
  const response = new VoiceResponse();
  say(response, texts.en.misdirected, 'en');
  response.hangup();
  return response.toString();
}

/** Turns a call away as busy, before it is answered: nobody pays for it. */
export function reject(): string {
  const response = new VoiceResponse();
  response.reject({ reason: 'busy' });
  return response.toString();
}

/** The end of a voicemail. */
export function thank(language: Language): string {
  const response = new VoiceResponse();
  say(response, texts[language].thanks, language);
  response.hangup();
  return response.toString();
}

/** Nothing more: the call ends. */
export function nothing(): string {
  return new VoiceResponse().toString();
}

function recordAfter(words: string, language: Language, isSpam = false): string {
  const response = new VoiceResponse();
  say(response, words, language);
  response.record({
    action: voicemailPath,
    method: 'POST',
    maxLength: isSpam ? spamVoicemailSecondsMax : voicemailSecondsMax,
    playBeep: true,
    ...(!isSpam && askForTranscript(voicemailPath)),
  });
  return response.toString();
}

function wordsOr(words: string | null, otherwise: string): string {
  const given = cleaned(words ?? '').trim();
  return given === '' ? otherwise : given;
}

/** Everything that is said goes through here. */
function say(verb: Pick<InstanceType<typeof VoiceResponse>, 'say'>, words: string, language: Language): void {
  verb.say({ language: voices[language] }, cleaned(words));
}
