/** One line of the benchmark: what was measured against what we want. */
export interface Figure {
  what: string;
  measured: string;
  target: string;
  stretch: string;
  /** undefined where there is no target. */
  reached: boolean | undefined;
}

/** A figure of which less is better. */
export function atMost(
  what: string,
  value: number,
  target: number,
  stretch: number | undefined,
  unit: string,
): Figure {
  return {
    what,
    measured: `${round(value)}${unit}`,
    target: `<= ${target}${unit}`,
    stretch: stretch === undefined ? '' : `<= ${stretch}${unit}`,
    reached: value <= target,
  };
}

/** A figure of which more is better. */
export function atLeast(
  what: string,
  value: number,
  target: number,
  stretch: number | undefined,
  unit: string,
): Figure {
  return {
    what,
    measured: `${round(value)}${unit}`,
    target: `>= ${target}${unit}`,
    stretch: stretch === undefined ? '' : `>= ${stretch}${unit}`,
    reached: value >= target,
  };
}

/** The figures as aligned lines for people. */
export function table(title: string, figures: Figure[]): string {
  const width = Math.max(...figures.map(({ what }) => what.length));
  const lines = figures.map(({ what, measured, target, stretch, reached }) => {
    const verdict = reached === undefined ? '' : reached ? 'ok' : 'MISSED';
    const cells = [
      what.padEnd(width),
      measured.padStart(10),
      target.padStart(12),
      stretch.padStart(12),
      verdict,
    ];
    return `  ${cells.join('  ')}`.trimEnd();
  });
  const head = `  ${'figure'.padEnd(width)}  ${'measured'.padStart(10)}  ${'target'.padStart(12)}  ${'stretch'.padStart(12)}`;
  return `\n${title}\n${head}\n${lines.join('\n')}`;
}

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function round(value: number): string {
  return value >= 100 ? value.toFixed(0) : String(Number(value.toFixed(value >= 10 ? 1 : 2)));
}
