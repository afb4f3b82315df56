import type { NumberSetting, OwnedNumber } from '../entities.ts';
import { applySettings, giveBack, sell } from '../rest/incoming-numbers.ts';
import { RestError } from '../rest/reply.ts';
import type { World } from '../world.ts';

/** The settings of a number that a person changes in Twilio's console. */
export interface ConsoleSettings {
  friendlyName?: string | undefined;
  voiceUrl?: string | undefined;
  voiceFallbackUrl?: string | undefined;
  statusCallback?: string | undefined;
  smsUrl?: string | undefined;
}

/** Somebody buys a number by hand, for the main account. */
export function buyInConsole(world: World, phoneNumber: string, settings: ConsoleSettings) {
  const [account] = [...world.accounts.values()];
  if (account === undefined) throw new Error('The simulator has no account');
  if (world.ownerOf(phoneNumber) !== undefined)
    throw new RestError(400, 21422, `${phoneNumber} is owned already; PUT /_sim/numbers changes it.`);
  return showInConsole(sell(world, account, phoneNumber, formOf(settings)));
}

/** Somebody points a number elsewhere, or renames it. */
export function pointInConsole(world: World, phoneNumber: string, settings: ConsoleSettings) {
  const number = ownedBy(world, phoneNumber);
  applySettings(number, formOf(settings), world);
  return showInConsole(number);
}

/** Somebody deletes a number. */
export function deleteInConsole(world: World, phoneNumber: string): void {
  giveBack(world, ownedBy(world, phoneNumber));
}

export function showInConsole({ sid, phoneNumber, settings, registered }: OwnedNumber) {
  const { FriendlyName, VoiceUrl, VoiceFallbackUrl, StatusCallback, SmsUrl } = settings;
  return {
    sid,
    phoneNumber,
    registered,
    friendlyName: FriendlyName,
    voiceUrl: VoiceUrl,
    voiceFallbackUrl: VoiceFallbackUrl,
    statusCallback: StatusCallback,
    smsUrl: SmsUrl,
  };
}

function ownedBy(world: World, phoneNumber: string): OwnedNumber {
  const number = world.ownerOf(phoneNumber);
  if (number === undefined) throw new RestError(400, 21404, `Nobody owns ${phoneNumber} in this simulator.`);
  return number;
}

function formOf(settings: ConsoleSettings): URLSearchParams {
  const names: Record<keyof ConsoleSettings, NumberSetting> = {
    friendlyName: 'FriendlyName',
    voiceUrl: 'VoiceUrl',
    voiceFallbackUrl: 'VoiceFallbackUrl',
    statusCallback: 'StatusCallback',
    smsUrl: 'SmsUrl',
  };
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(settings) as [keyof ConsoleSettings, string | undefined][]) {
    if (value !== undefined) form.set(names[name], value);
  }
  return form;
}
