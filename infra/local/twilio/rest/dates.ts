/**
 * Twilio's date filters: `Name`, `Name<` and `Name>` with a day or an instant. Twilio writes the borders
 * `Name<=` and `Name>=`: they are part of the range.
 */
export function isInDates(query: URLSearchParams, name: string, date: Date): boolean {
  const on = query.get(name);
  const until = query.get(`${name}<`);
  const from = query.get(`${name}>`);
  const seconds = Math.floor(date.getTime() / 1000);
  if (on !== null && !(isDay(on) ? date.toISOString().startsWith(on) : secondsOf(on) === seconds))
    return false;
  if (until !== null && seconds > secondsOf(until) + (isDay(until) ? 86_399 : 0)) return false;
  return from === null || seconds >= secondsOf(from);
}

function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text);
}

function secondsOf(text: string): number {
  return Math.floor(Date.parse(text) / 1000);
}
