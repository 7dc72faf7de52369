import { jStat } from 'jstat';

/**
 * Interval of a share, per cent, from a count of independent requests (Clopper and Pearson, Biometrika 26, 1934): of none in n, it
 * reaches up to about 3.7/n at 95 %.
 */
export function sharePercent(counted: number, of: number, confidence: number): readonly [number, number] {
  const tail = (1 - confidence) / 2;
  const low = counted === 0 ? 0 : jStat.beta.inv(tail, counted, of - counted + 1);
  const high = counted >= of ? 1 : jStat.beta.inv(1 - tail, counted + 1, of - counted);
  return [low * 100, high * 100];
}
