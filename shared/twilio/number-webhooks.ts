/** Where Twilio sends what happens on a number. */
export type NumberWebhooks = ReturnType<typeof webhookUrls>;

/** The webhook URLs that every number of ours carries. */
export function webhookUrls(publicBaseUrl: string) {
  return {
    voiceUrl: `${publicBaseUrl}/api/djdash/calls/incoming`,
    voiceFallbackUrl: `${publicBaseUrl}/api/djdash/calls/fallback`,
    statusCallback: `${publicBaseUrl}/api/djdash/calls/webhook`,
    smsUrl: `${publicBaseUrl}/api/djdash/messages/incoming`,
  };
}

/** Which of a number's webhooks are not ours, each with what it should be. Twilio's `#` overrides do not count. */
export function wrongWebhooks(number: NumberWebhooks, publicBaseUrl: string): string[] {
  return Object.entries(webhookUrls(publicBaseUrl))
    .filter(([name, url]) => number[name as keyof NumberWebhooks].replace(/#.*$/, '') !== url)
    .map(([name, url]) => `${name} should be ${url}`);
}

/**
 * Whether the number's webhooks are ours but for the base URL: each is a path of ours under some host, or blank. Else
 * somebody has pointed it elsewhere.
 */
export function isOursButForBaseUrl(number: NumberWebhooks): boolean {
  return Object.entries(webhookUrls('')).every(([name, path]) => {
    const url = number[name as keyof NumberWebhooks].replace(/#.*$/, '');
    return url === '' || (URL.canParse(url) && url === new URL(url).origin + path);
  });
}
