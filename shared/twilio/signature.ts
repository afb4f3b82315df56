import { createHmac, timingSafeEqual } from 'node:crypto';

/** The parameters of a form as they are signed; those that repeat as a list. */
export type SignedParameters = Readonly<Record<string, string | string[]>>;

/**
 * The first of the URLs for which one of the tokens signed the parameters, with or without the port in it: Twilio does
 * both. Undefined when there is none. The parameters are put in order once, and each pair of token and URL costs two HMACs.
 * Twilio's library also tries URLs that it escapes anew; ours have nothing to escape.
 */
export function signedUrlOf(
  signature: string,
  {
    tokens,
    urls,
    parameters,
  }: { tokens: readonly string[]; urls: readonly string[]; parameters: SignedParameters },
): string | undefined {
  const given = Buffer.from(signature);
  const text = Buffer.from(inOrder(parameters));
  const matches = (token: string, url: string) => {
    const made = Buffer.from(createHmac('sha1', token).update(url).update(text).digest('base64'));
    return made.length === given.length && timingSafeEqual(made, given);
  };
  return urls.find((url) => tokens.some((token) => bothPorts(url).some((either) => matches(token, either))));
}

/** Names in order, each followed by its value, or by each of its values once. */
function inOrder(parameters: SignedParameters): string {
  let text = '';
  for (const name of Object.keys(parameters).sort()) {
    const value = parameters[name] ?? '';
    for (const one of Array.isArray(value) ? [...new Set(value)].sort() : [value]) text += name + one;
  }
  return text;
}

/** The URL without a port, and with its own or the scheme's usual one. */
function bothPorts(url: string): string[] {
  const [, scheme = '', host = '', port, rest = ''] = /^(https?:\/\/)([^/?#:]*)(:\d+)?(.*)$/s.exec(url) ?? [];
  return [scheme + host + rest, scheme + host + (port ?? (scheme === 'https://' ? ':443' : ':80')) + rest];
}
