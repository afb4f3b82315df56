/** Limits of a webhook, from Twilio's "webhook connection overrides"; times in milliseconds. */
export interface Target {
  /** The address without its fragment: what is requested and what is signed. */
  url: string;
  connectTimeoutMs: number;
  readTimeoutMs: number;
  totalTimeMs: number;
  retriesMax: number;
  /** What is tried again: `ct` no connection, `rt` no answer in time, `4xx`, `5xx`, `all`. */
  retriedOn: string[];
}

const defaults = { ct: 5000, rt: 15_000, tt: 15_000, rc: 1 };
const maxima = { ct: 10_000, rt: 15_000, tt: 15_000, rc: 5 };

/** Splits `#ct=2000&rc=2&rp=ct,rt,5xx` off an address. Values out of range are cut to it. */
export function targetOf(address: string): Target {
  const [url = '', fragment = ''] = address.split('#', 2);
  const overrides = new URLSearchParams(fragment);
  const limit = (name: keyof typeof defaults): number => {
    const given = Number(overrides.get(name) ?? defaults[name]);
    return Number.isFinite(given) && given >= 0 ? Math.min(given, maxima[name]) : defaults[name];
  };
  return {
    url,
    connectTimeoutMs: limit('ct'),
    readTimeoutMs: limit('rt'),
    totalTimeMs: limit('tt'),
    retriesMax: limit('rc'),
    retriedOn: (overrides.get('rp') ?? 'ct').split(','),
  };
}
