import { progress } from './progress';

let broken: string | undefined;
const tally = { passed: 0, failed: 0 };

/** Where a developer wants the tier to stop: part of a step's sentence. */
const until = process.env['RACK_UNTIL'] ?? '';
let stopped = false;

/** How much a failing step means to the rest; what clears up runs wherever the tier stops. */
type Weight = 'alone' | 'all that follows' | 'clears up';

/**
 * A test of the tier. Steps run in the order they are written and build on each other: after a failure of one that everything
 * rests on, the others say so at once instead of waiting in vain. Steps after the one that `RACK_UNTIL` names are skipped.
 */
export function step(sentence: string, body: () => Promise<unknown>, weight: Weight = 'alone'): void {
  const isLeftOut = stopped && weight !== 'clears up';
  (isLeftOut ? it.skip : it)(sentence, async () => {
    if (broken && weight !== 'clears up') throw new Error(`not tried, since this failed: ${broken}`);
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
  stopped ||= until !== '' && sentence.includes(until);
}

/**
 * Called once every step is written.
 *
 * @throws Error when `RACK_UNTIL` names no step: the whole tier would run, or nothing be learnt.
 */
export function insistOnTheStop(): void {
  if (until !== '' && !stopped)
    throw new Error(
      `RACK_UNTIL is "${until}", which no step's sentence holds: take words of one in test/rack/*-steps.ts.`,
    );
}

/** One line for the end of the tier. */
export const closingTally = (): string => `rack: ${tally.passed} passed, ${tally.failed} failed`;
