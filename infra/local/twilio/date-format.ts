/** `Fri, 20 Nov 2026 10:00:00 +0000`: how the 2010 API and webhooks write instants. */
export function rfc2822(date: Date): string {
  return date.toUTCString().replace('GMT', '+0000');
}

/** `2026-11-20T10:00:00Z`: how the newer APIs write them. */
export function iso8601(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}
