import type { OutMessage } from '#shared/queue-name.ts';

/** An item of the table as it stood before a change, or stands after it. */
export type Image = Readonly<Record<string, unknown>>;

/**
 * What must follow from a change of an item; `before` is undefined when it is new. Pure, so that the same change always
 * sends the same messages.
 */
export type ChangeRule = (before: Image | undefined, after: Image) => OutMessage[];

/** What a change tells the platform. */
export type PlatformMessage = Extract<OutMessage, { queue: 'events' }>;
