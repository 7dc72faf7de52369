import { progress } from './progress';

let broken: string | undefined;
const tally = { passed: 0, failed: 0 };

/** How much a failing step means to the rest. */
type Weight = 'alone' | 'all that follows';

/**
 * A test of the tier. Steps run in the order they are written and build on each other: after a failure of one that everything
 * rests on, the others say so at once instead of waiting in vain.
 */
export function step(sentence: string, body: () => Promise<unknown>, weight: Weight = 'alone'): void {
  it(sentence, async () => {
    if (broken) throw new Error(`not tried, since this failed: ${broken}`);
    try {
      await body();
      tally.passed++;
      progress(`ok      ${sentence}`);
    } catch (error) {
      tally.failed++;
      progress(`FAILED  ${sentence}: ${String(error).split('\n').slice(0, 12).join(' ')}`);
      if (weight === 'all that follows') broken = sentence;
      throw error;
    }
  });
}

/** One line for the end of the tier. */
export const closingTally = (): string => `rack: ${tally.passed} passed, ${tally.failed} failed`;
