import { milliValue, quantityValue } from '../../../../lib/kubernetes/horizontal-pod-autoscaler';

test.each([
  ['500m', 500],
  ['1', 1000],
  ['0.1', 100],
  ['1.5k', 1_500_000],
  ['100u', 1],
  ['1Ki', 1_024_000],
  ['2e3', 2_000_000],
])('%s is %d thousandths, rounded up as Kubernetes does', (quantity, expected) => {
  expect(milliValue(quantity)).toBe(expected);
});

test.each(['', 'm', '5 %', '1Q', 'one'])('"%s" is refused in a sentence', (text) => {
  expect(() => quantityValue(text)).toThrow('is not a Kubernetes quantity');
});
