import {
  cpuQuantity,
  mebibytes,
  memoryQuantity,
  milliValue,
  millicores,
  parseQuantity,
  quantityValue,
  toMillicores,
} from '../../../lib/kubernetes/quantity';

/** Value and thousandths as resource.ParseQuantity and MilliValue of k8s.io/apimachinery v0.34.4 give them. */
test.each([
  ['500m', 0.5, 500],
  ['1', 1, 1000],
  ['0.1', 0.1, 100],
  ['+0.3', 0.3, 300],
  ['-1', -1, -1000],
  ['-1.5m', -0.0015, -2],
  ['.5', 0.5, 500],
  ['5.', 5, 5000],
  ['00', 0, 0],
  ['1.5k', 1500, 1_500_000],
  ['100u', 0.0001, 1],
  ['1u', 0.000001, 1],
  ['1n', 1e-9, 1],
  ['0.1n', 1e-9, 1],
  ['1e-30', 1e-9, 1],
  ['1001u', 0.001001, 2],
  ['0.0005', 0.0005, 1],
  ['3.8', 3.8, 3800],
  ['999999999999m', 999999999.999, 999999999999],
  ['2e3', 2000, 2_000_000],
  ['1E3', 1000, 1_000_000],
  ['1E+2', 100, 100_000],
  ['0.1Ki', 102.4, 102_400],
  ['100Ki', 102_400, 102_400_000],
  ['1Gi', 2 ** 30, 2 ** 30 * 1000],
])('%s is %d, and %d thousandths', (quantity, value, thousandths) => {
  expect([parseQuantity(quantity), quantityValue(quantity), milliValue(quantity)]).toEqual([value, value, thousandths]);
});

test('E is exa where no digits follow; what has a binary suffix ends at the largest int64', () => {
  expect([parseQuantity('12E'), parseQuantity('1E1'), parseQuantity('100Ei')]).toEqual([12e18, 10, 2 ** 63]);
});

test.each(['', 'm', '+', '-', '.', '5 %', '1Q', 'one', '1e', '1e+', '1K', '1mi', '1kk', '1e1.5', ' 1', '1 ', '1_0'])(
  '"%s" is no quantity',
  (text) => {
    expect(parseQuantity(text)).toBeUndefined();
    expect(() => quantityValue(text)).toThrow('is not a Kubernetes quantity');
  },
);

test('numbers as YAML has them are quantities; nothing else is', () => {
  expect([2, 0.1, 1e21].map(parseQuantity)).toEqual([2, 0.1, 1e21]);
  expect([undefined, null, NaN, Infinity, {}, true].map(parseQuantity)).toEqual(Array(6).fill(undefined));
  expect(['0.1', '100u', undefined, 'x', 3.8].map(toMillicores)).toEqual([100, 1, 0, 0, 3800]);
});

describe('CPU', () => {
  it.each([
    ['500m', 500],
    ['1', 1000],
    ['0.5', 500],
    ['0.25', 250],
    ['2.125', 2125],
  ])('%s is %d millicores', (quantity, expected) => {
    expect(millicores(quantity, 'field')).toBe(expected);
  });

  it.each(['0,5', '', '0', '0m', '-1', '500 m', '1.2345', '1e3', '500M'])('"%s" is refused', (quantity) => {
    expect(() => millicores(quantity, 'a.cpu')).toThrow(
      new Error(`a.cpu: "${quantity}" is not an amount of CPU; write millicores such as 500m, or cores such as 2.`),
    );
  });
});

describe('memory', () => {
  it.each([
    ['512Mi', 512],
    ['5Gi', 5120],
    ['1Ti', 1_048_576],
    ['2048Ki', 2],
  ])('%s is %d MiB', (quantity, expected) => {
    expect(mebibytes(quantity, 'field')).toBe(expected);
  });

  it.each(['512', '512M', '5G', '0Mi', '1.5Gi', 'Gi', ''])('"%s" is refused', (quantity) => {
    expect(() => mebibytes(quantity, 'a.memory')).toThrow(
      new Error(
        `a.memory: "${quantity}" is not an amount of memory; write it with a binary unit, such as 512Mi or 5Gi.`,
      ),
    );
  });
});

it.each([
  [cpuQuantity(500), '500m'],
  [cpuQuantity(2000), '2'],
  [memoryQuantity(512), '512Mi'],
  [memoryQuantity(2048), '2Gi'],
])('%s is written as the API server would', (written, canonical) => {
  expect(written).toBe(canonical);
});
