import type { Verb } from '../twiml.ts';

const wordsPerSecond = 2.5;
const playSeconds = 5;

/** How long a Say, Play or Pause takes, about. */
export function speakingSeconds({ name, attributes, text }: Verb): number {
  if (name === 'Pause') return Number(attributes['length'] ?? 1) || 1;
  // `loop="0"` means for ever; people hang up long before.
  const times = Math.min(Math.max(Number(attributes['loop'] ?? 1) || 1, 1), 10);
  const once =
    name === 'Play' ? playSeconds : Math.max(1, Math.round(text.split(/\s+/).length / wordsPerSecond));
  return once * times;
}
