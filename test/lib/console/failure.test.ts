import { AssertionError } from 'node:assert';
import { failureText } from '../../../lib/console/failure';

test.each(
  [new TypeError('a.b is undefined'), new RangeError('1 of 0'), new SyntaxError('x'), new AssertionError({})].map(
    (error) => [error.name, error] as const,
  ),
)('a defect (%s) is printed with its stack', (_, error) => {
  expect(failureText(error, 'error: ')).toBe(error.stack);
  expect(failureText(error)).toContain('failure.test.ts');
});

test('what is thrown and no Error is a defect', () => {
  expect(failureText('text')).toMatch(/no Error: text\n +at /);
});

class OwnError extends Error {}

test.each([
  ['error: settings.ts: size: write 5Gi.', new Error('settings.ts: size: write 5Gi.')],
  ['error: give a folder.', new OwnError('give a folder.')],
  ['error: fetch failed (ECONNREFUSED)', new TypeError('fetch failed', { cause: new Error('ECONNREFUSED') })],
])('bad input and an unfriendly machine get a sentence: %s', (sentence, error) => {
  expect(failureText(error, 'error: ')).toBe(sentence);
});

test('an address that is none is bad input, although Node.js throws a TypeError', () => {
  const parse = () => new URL('no address');
  expect(parse).toThrow();
  try {
    parse();
  } catch (error) {
    expect(failureText(error)).toBe('Invalid URL');
  }
});
