import { type adminClaims, bearer } from '#test/shared/http/api-event.ts';

/** What must never stand in a log, each unlike anything else. */
export const secrets = {
  nextAuthToken: 'canary0next0auth0token0000000001',
  webhookSecret: 'whsec_canary0of0tipjar',
  apiKey: 'canary0api0key0of0tipjar',
  consentKey: 'canary0consent0key',
  cursorKey: 'canary0cursor0key',
  webhookKey: `whsec_${Buffer.from('canary of the platform!!').toString('base64')}`,
  awsSecret: 'canary0aws0secret0access0key',
  awsSession: 'canary0aws0session0token',
};

export const phones = { caller: '+12065550123', target: '+16155550142', former: '+16155550143' };

export const words = {
  caller: 'Canarina Voice',
  dj: 'DJ Canary',
  transcript: 'canary transcript of a wedding',
  text: 'canary text to the number',
  notes: 'canary notes',
  greeting: 'canary greeting',
};

/** What of `output` must not be there; `token` is the one of the account, and numbers of our own come with `numbers`. */
export function canariesIn(
  output: string,
  authToken: string,
  numbers: readonly string[],
  claims: typeof adminClaims,
) {
  const login = /Basic [\w+/=]{8,}|authorization["']?\s*[:=]\s*["']?[^\s"'*]/i;
  const exact = [authToken, ...Object.values(secrets), ...Object.values(words), bearer(claims).slice(7)];
  const written = [...Object.values(phones), ...numbers].filter((phone) => asWritten(phone).test(output));
  return [
    ...exact.filter((canary) => output.includes(canary)),
    ...written,
    ...(login.exec(output) ?? []),
    ...(/AWS4-HMAC-SHA256 \S+/.exec(output) ?? []),
  ];
}

/** The number, whatever stands between its digits. */
function asWritten(phone: string): RegExp {
  const [, area, exchange, last] = /(\d{3})(\d{3})(\d{4})$/.exec(phone) ?? [];
  return new RegExp(`${area}[^\\dA-Za-z]{0,4}${exchange}[^\\dA-Za-z]{0,4}${last}`);
}
