// This folder is about purchases of many numbers, made while somebody waits or ordered for a worker to carry out.

import * as z from 'zod';
import type { E164, OrderId } from '#shared/id.ts';
import { keptId } from '#shared/kept-id.ts';
import type { NumberStatus, VirtualNumber } from '#shared/numbers/number.ts';

const instant = z.string();

/** A purchase of many numbers that a worker carries out. */
export const storedOrder = z.object({
  id: z.string().transform((id) => id as OrderId),
  /** Numbers asked for. */
  count: z.int(),
  areaCode: z.string().nullable(),
  actor: z.string(),
  /** `paused` while an operator has stopped all purchases. */
  status: z.enum(['queued', 'running', 'paused', 'done']),
  /** How often a worker took it up. */
  attempts: z.int(),
  /** Why it ended with fewer than were asked for. */
  reason: z.string().nullable(),
  createdAt: instant,
  updatedAt: instant,
  finishedAt: instant.nullable(),
});

export type Order = z.output<typeof storedOrder>;

/** One number that the order tried to buy. */
export const orderLine = z.object({
  phoneNumber: keptId<E164>(),
  /** `trying` from before Twilio is asked until its answer is written down. */
  status: z.enum(['trying', 'bought', 'failed']),
  code: z.string().nullable(),
  reason: z.string().nullable(),
});

export type OrderLine = z.output<typeof orderLine>;

/** What came of a line: `unknown` while nobody can say whether Twilio sold the number. */
export type LineOutcome = 'bought' | 'failed' | 'unknown';

/** What it says of a purchase that the number it was to bring is in this state. */
const outcomeIn: Readonly<Record<NumberStatus, LineOutcome>> = {
  purchasing: 'unknown',
  failed: 'failed',
  available: 'bought',
  assigned: 'bought',
  cooling: 'bought',
  releasing: 'bought',
  released: 'bought',
  reserved: 'bought',
};

/** A line as it is now; one without a written end is judged by the number it was to buy. */
export function outcomeOf(line: OrderLine, orderId: OrderId, number: VirtualNumber | undefined): LineOutcome {
  if (line.status !== 'trying') return line.status;
  if (number === undefined || number.orderId !== orderId) return 'failed';
  return outcomeIn[number.status];
}

/** How many numbers are still to be bought. What may have been bought counts: never one too many. */
export function missing(order: Order, outcomes: LineOutcome[]): number {
  return order.count - outcomes.filter((outcome) => outcome !== 'failed').length;
}
