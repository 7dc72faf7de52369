import { positiveNumber, positiveWholeNumber, wholeNumber } from '../../lib/console/number-options';

const refused = (parse: (text: string) => number, texts: readonly string[]) =>
  texts.filter((text) => {
    try {
      parse(text);
      return false;
    } catch {
      return true;
    }
  });

test('the value of an option is a number in plain decimals, or is refused', () => {
  const nonsense = ['', ' ', 'abc', '-1', '0x10', '1e3', '1,5', 'Infinity', 'NaN', '5 '];
  expect(refused(wholeNumber, ['0', '12', '1.5', ...nonsense])).toEqual(['1.5', ...nonsense]);
  expect(refused(positiveWholeNumber, ['0', '12', '1.5', ...nonsense])).toEqual(['0', '1.5', ...nonsense]);
  expect(refused(positiveNumber, ['0', '0.0', '12', '1.5', '.5', ...nonsense])).toEqual(['0', '0.0', ...nonsense]);
  expect([wholeNumber('007'), positiveWholeNumber('12'), positiveNumber('.5')]).toEqual([7, 12, 0.5]);
});
