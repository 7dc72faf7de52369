import { InvalidArgumentError } from 'commander';
import { portNumber } from '../../../lib/console/number-options';
import { program } from '../../../lib/console/program';

describe('a program', () => {
  function answerTo(...words: string[]): string {
    let said = '';
    const write = (text: string) => void (said += text);
    const command = program('experiment', 'Runs things.', 'npm run experiment -- plan')
      .configureOutput({ writeErr: write, writeOut: write })
      .exitOverride();
    command.command('plan').action(() => undefined);
    try {
      command.parse(words, { from: 'user' });
    } catch {
      // What it said is what counts.
    }
    return said;
  }

  test('help of a command that does not exist says so instead of the usage', () => {
    expect(answerTo('help', 'nothing')).toBe("error: unknown command 'nothing'\n");
  });

  test('help of one that exists, and no word at all, show the usage', () => {
    expect(answerTo('help', 'plan')).toMatch(/^Usage: npm run experiment -- plan/);
    expect(answerTo()).toMatch(/^Usage: npm run experiment --/);
  });
});

test('a port is one of those that there are', () => {
  expect([portNumber('1'), portNumber('4173'), portNumber('65535')]).toEqual([1, 4173, 65535]);
  for (const wrong of ['0', '65536', '99999', '-1', '80.5', 'http', ''])
    expect(() => portNumber(wrong)).toThrow(InvalidArgumentError);
});
