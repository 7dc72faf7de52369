import { cpuQuantity, mebibytes, memoryQuantity, millicores } from '../../../lib/kubernetes/quantity';

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
