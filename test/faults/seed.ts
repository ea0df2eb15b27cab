/**
 * The seed of a test's random choices: TRAILKEEP_TEST_SEED, or a new one. It is printed, so that a
 * failure can be looked for again; times of the machine still differ from run to run.
 */
export function seededChoices(testName: string): Choices {
  const given = process.env['TRAILKEEP_TEST_SEED'];
  const seed = given === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(given);
  process.stdout.write(`${testName}: TRAILKEEP_TEST_SEED=${seed}\n`);
  return choicesFrom(seed);
}

export interface Choices {
  /** At least 0, less than `limit`. */
  below(limit: number): number;
  oneOf<Item>(items: readonly Item[]): Item;
  /** True with this probability. */
  chance(probability: number): boolean;
}

export function choicesFrom(seed: number): Choices {
  let state = seed >>> 0;
  // mulberry32: good enough to choose faults by, and the same everywhere.
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    below,
    oneOf: (items) => items[below(items.length)]!,
    chance: (probability) => next() < probability,
  };
}

/** How often a test repeats: an environment variable says so, or the default for every change. */
export function roundsOf(variable: string, byDefault: number): number {
  const given = Number(process.env[variable] ?? byDefault);
  if (!Number.isSafeInteger(given) || given < 1) throw new Error(`${variable} must be a count`);
  return given;
}
