import type { Spread } from './report.ts';

/** Rounds before the pairs that count: what is measured is code that V8 has compiled. */
export const warmUpRounds = 2;

/** Ours and the yardstick in turns, so that what disturbs the machine disturbs both. */
export async function alternate(
  pairs: number,
  ours: (pair: number) => Promise<number>,
  yardstick: (pair: number) => Promise<number>,
): Promise<{ readonly value: number; readonly yardstick: number; readonly ratio: Spread }> {
  const all: { mine: number; other: number }[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    const mine = await ours(pair);
    all.push({ mine, other: await yardstick(pair) });
  }
  return {
    value: median(all.map(({ mine }) => mine)),
    yardstick: median(all.map(({ other }) => other)),
    ratio: spreadOf(all.map(({ mine, other }) => mine / other)),
  };
}

export function spreadOf(ratios: readonly number[]): Spread {
  return {
    median: median(ratios),
    min: Math.min(...ratios),
    max: Math.max(...ratios),
    pairs: ratios.length,
  };
}

/** The value below which that part of the sorted values lies. */
export function quantile(sorted: ArrayLike<number>, part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
