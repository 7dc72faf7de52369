/**
 * Seeded numbers in [0, 1): mulberry32, for the order of trials, arrivals at random and made-up data. Campaigns hold what it
 * gave: another generator would be another order of trials.
 */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * The seeded generator of numbers in [0, 1) that resampling draws by: linear congruential, with Numerical Recipes' constants.
 * Reports hold what it gave: another generator would be another interval from the same samples.
 */
export function linearCongruential(seed: number): () => number {
  let state = seed >>> 0;
  return () => (state = (Math.imul(1_664_525, state) + 1_013_904_223) >>> 0) / 2 ** 32;
}

/** The items in a random order (Fisher and Yates), leaving the argument as it is. */
export function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const result = [...items];
  for (let last = result.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [result[last], result[other]] = [result[other]!, result[last]!];
  }
  return result;
}
