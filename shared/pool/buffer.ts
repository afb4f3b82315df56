/** Days of which the assignments are taken as the rate to come. */
export const forecastDays = 30;
/** Free numbers should last this long at least, or it is time to buy. */
const daysAhead = 14;

/** How many free numbers to keep when `total` numbers are paid for. */
export function bufferTarget(total: number, share: number): number {
  return Math.max(1, Math.ceil(total * share));
}

/** What is known of the pool when its buffer is judged. */
export interface PoolCounts {
  free: number;
  /** All numbers that are paid for. */
  total: number;
  /** Free or bought numbers that went to DJs in the last `forecastDays`. */
  assignments: number;
}

/** The pool's buffer: free numbers against the target, how long they last, and what to do. */
export function buffer({ free, total, assignments }: PoolCounts, share: number) {
  const target = bufferTarget(total, share);
  const perDay = assignments / forecastDays;
  const daysLeft = perDay === 0 ? null : Math.floor(free / perDay);
  const missing = missingNumbers({ free, total, assignments }, share);
  const pace = `${assignments} number(s) went to DJs in ${forecastDays} days`;
  const lasting =
    daysLeft === null ? 'none was needed in 30 days' : `${pace}: the free ones last ${daysLeft} days`;
  const advice = missing === 0 ? `Enough free numbers; ${lasting}` : `Buy ${missing}; ${lasting}`;
  return {
    available: free,
    target,
    belowTarget: free < target,
    assignmentsLast30Days: assignments,
    daysLeft,
    advice,
  };
}

/** How many numbers to buy so that the buffer is full, bought ones counted in, and lasts two weeks. */
export function missingNumbers({ free, total, assignments }: PoolCounts, share: number): number {
  const twoWeekForecast = Math.ceil((assignments / forecastDays) * daysAhead);
  const enough = (bought: number) =>
    free + bought >= Math.max(bufferTarget(total + bought, share), twoWeekForecast);
  let bought = 0;
  while (!enough(bought)) bought++;
  return bought;
}
