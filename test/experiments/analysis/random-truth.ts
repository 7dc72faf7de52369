export { seededRandom as seeded } from '../../../lib/primitives/random';

/** A standard normal number by Box and Muller. */
export function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
