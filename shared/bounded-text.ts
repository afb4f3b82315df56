/** At most so many characters of a text, and well formed: no half of an emoji is left. What was cut ends in `…`. */
export function boundedText(text: string, charactersMax: number): string {
  if (text.length <= charactersMax) return text.toWellFormed();
  const kept = text.slice(0, charactersMax - 1);
  const splits = /[\uD800-\uDBFF]$/.test(kept);
  return `${(splits ? kept.slice(0, -1) : kept).toWellFormed()}…`;
}
