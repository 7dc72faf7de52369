import { folded } from '../../../lib/console/folded';

describe('folded text', () => {
  it('is broken between words, and what follows is indented', () => {
    expect(folded('short\n  gates: one 1, two 2, three 3', 20)).toBe('short\n  gates: one 1, two\n    2, three 3');
  });

  it('keeps commands, and words that are longer than a line, whole', () => {
    const command = '  npm run experiment -- run --local --profile spike';
    expect(folded(command, 20)).toBe(command);
    expect(folded(`see ${'x'.repeat(30)} there`, 20)).toBe(`see\n  ${'x'.repeat(30)}\n  there`);
    expect(folded('', 20)).toBe('');
  });
});
