import { counted } from '../../../lib/primitives/counted';

test.each([
  [0, '0 trials'],
  [1, '1 trial'],
  [2, '2 trials'],
])('%d', (count, text) => expect(counted(count, 'trial')).toBe(text));

test('a plural of another form', () => expect(counted(2, 'query', 'queries')).toBe('2 queries'));
