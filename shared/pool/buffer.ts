/** Share of the paid numbers that should be free: between the 10 and 20 % of the field's practice. */
const targetShare = 0.15;

/** How many free numbers to keep when `total` numbers are paid for. */
export function bufferTarget(total: number): number {
  return Math.max(1, Math.ceil(total * targetShare));
}

/** The pool's buffer: free numbers against the target. */
export function buffer(free: number, total: number) {
  const target = bufferTarget(total);
  return { available: free, target, below_target: free < target };
}
