import { sharePercent } from '../../../experiments/analysis/statistics/share-interval';
import { findChangePoint } from '../../../experiments/analysis/statistics/change-point';
import {
  benjaminiHochberg,
  compareGroups,
  correctedTogether,
  holm,
  trialsNeeded,
} from '../../../experiments/analysis/statistics/comparison';
import { meanInterval } from '../../../experiments/analysis/statistics/mean-interval';
import { pooledChangePoint } from '../../../experiments/analysis/statistics/pooled/change-point';
import { pooledMeanInterval } from '../../../experiments/analysis/statistics/pooled/mean';
import { pooledPercentileInterval } from '../../../experiments/analysis/statistics/pooled/percentile';
import { errorOfShare } from '../../../experiments/analysis/statistics/pooled/window-scatter';
import { paretoFront } from '../../../experiments/analysis/statistics/pareto';
import { fitScalabilityLaw } from '../../../experiments/analysis/statistics/scalability-law';
import {
  bootstrapInterval,
  resampledPercentile,
  trialResamples,
} from '../../../experiments/analysis/statistics/trial-bootstrap';
import { rampThroughServers } from './ramp';
import { normal, seeded } from './random-truth';

describe('Mean of trials', () => {
  it('three trials have an interval of 2.48 standard deviations either way', () => {
    const interval = meanInterval([1, 2, 3], 0.95)!;
    expect(interval.value).toBe(2);
    expect(interval.high! - interval.value).toBeCloseTo(2.4841, 3);
  });

  it('one trial has a mean and no interval, none has nothing', () => {
    expect(meanInterval([5], 0.95)).toEqual({ value: 5, low: null, high: null, n: 1 });
    expect(meanInterval([], 0.95)).toBeNull();
  });
});

describe('Bootstrap over trials', () => {
  it('three trials have ten resamples whose probabilities sum to one', () => {
    const resamples = trialResamples(3);
    expect(resamples).toHaveLength(10);
    expect(resamples.reduce((sum, one) => sum + one.probability, 0)).toBeCloseTo(1, 12);
    expect(resamples.find(({ counts }) => counts.join() === '1,1,1')!.probability).toBeCloseTo(6 / 27, 12);
  });

  it('a weighted percentile equals that of the samples written out as often as their trial was drawn', () => {
    const random = seeded(3);
    const trials = [50, 81, 13].map((n) => Float64Array.from({ length: n }, () => Math.round(random() * 40)).sort());
    for (const { counts } of trialResamples(3))
      for (const p of [0.5, 0.9, 0.95, 0.99]) {
        const all = trials.flatMap((values, index) => Array.from({ length: counts[index] }, () => [...values]).flat());
        all.sort((a, b) => a - b);
        expect(resampledPercentile(trials, counts, p)).toBe(all[Math.ceil(p * all.length) - 1]);
      }
  });

  it('the interval is never negative and lies around the estimate', () => {
    const resamples = trialResamples(3);
    const interval = bootstrapInterval(
      100,
      resamples.map(({ counts }) => 50 + 50 * counts[0]),
      resamples,
      3,
      0.95,
    );
    expect(interval.low).toBeGreaterThan(0);
    expect(interval.low).toBeLessThan(100);
    expect(interval.high).toBeGreaterThan(100);
  });
});

describe('A share of requests', () => {
  it('has the interval of R’s binom.test, and room above none', () => {
    // binom.test(0, 300), binom.test(3, 1000), binom.test(1000, 1000): 95 % intervals.
    const [none, few, all] = [sharePercent(0, 300, 0.95), sharePercent(3, 1000, 0.95), sharePercent(1000, 1000, 0.95)];
    expect([none[0], all[1]]).toEqual([0, 100]);
    expect(none[1]).toBeCloseTo(1.222, 3);
    expect(few[0]).toBeCloseTo(0.0619, 4);
    expect(few[1]).toBeCloseTo(0.8742, 4);
    expect(all[0]).toBeCloseTo(99.632, 3);
  });
});

describe('Comparison of variants', () => {
  it("Welch's test gives the p value of R's t.test on the same logarithms", () => {
    // t.test(log(c(120, 131, 125)), log(c(100, 104, 98))): p = 0.003205, ratio 1.2448.
    const comparison = compareGroups([120, 131, 125], [100, 104, 98], 'ratio', 0.95)!;
    expect(comparison.effect.value).toBeCloseTo(1.245, 3);
    expect(comparison.p).toBeGreaterThan(0.001);
    expect(comparison.p).toBeLessThan(0.005);
  });

  it('Holm multiplies the smallest p by all, the next by one fewer, and never falls', () => {
    expect(holm([0.01, 0.04, 0.03])).toEqual([0.03, 0.06, 0.06]);
  });

  it('Benjamini and Hochberg divide each p by its rank among all, and never rise', () => {
    // R: p.adjust(c(0.01, 0.04, 0.03, 0.5), "BH") = 0.04000000 0.05333333 0.05333333 0.50000000
    const adjusted = benjaminiHochberg([0.01, 0.04, 0.03, 0.5]);
    [0.04, 0.16 / 3, 0.16 / 3, 0.5].forEach((p, index) => expect(adjusted[index]).toBeCloseTo(p, 12));
  });

  it('finds that are certain, of what was reserved, make no find among the other figures', () => {
    const certain = Array.from({ length: 20 }, () => ({ p: 1e-9, reserved: true }));
    const others = [0.02, ...Array.from({ length: 19 }, (_, index) => 0.1 + index / 25)];
    const corrected = correctedTogether([...certain, ...others.map((p) => ({ p, reserved: false }))], 0.05);
    expect(corrected.slice(0, 20).every(({ p }) => p < 1e-7)).toBe(true);
    // A twentieth of them at four fifths of the level.
    expect(Math.min(...corrected.slice(20).map(({ p }) => p))).toBeCloseTo((0.02 * 20) / 0.8, 9);
    expect(correctedTogether([{ p: 0.02, reserved: false }], 0.05)[0].p).toBe(0.02);
  });

  it('groups that do not vary are identical or different for certain, without NaN', () => {
    expect(compareGroups([5, 5, 5], [5, 5, 5], 'ratio', 0.95)).toMatchObject({ p: 1, hedgesG: null });
    expect(compareGroups([6, 6, 6], [5, 5, 5], 'ratio', 0.95)!.p).toBeLessThan(1e-4);
    // Three equal values do not prove that nothing varies.
    expect(compareGroups([5.01, 5.01, 5.01], [5, 5, 5], 'ratio', 0.95)!.p).toBeGreaterThan(0.5);
  });

  it('fewer than two trials a side, or a ratio of zero, is no comparison', () => {
    expect(compareGroups([5], [5, 6], 'ratio', 0.95)).toBeNull();
    expect(compareGroups([0, 0], [5, 6], 'ratio', 0.95)).toBeNull();
  });

  it('the number of trials it asks for shows the effect four times in five', () => {
    const deviation = 0.08;
    const n = trialsNeeded(deviation, Math.log(1.1), 0.05)!;
    expect(n).toBeGreaterThan(3);
    const random = seeded(11);
    const group = (mean: number) => Array.from({ length: n }, () => Math.exp(mean + deviation * normal(random)));
    const repeats = 600;
    let seen = 0;
    for (let repeat = 0; repeat < repeats; repeat++)
      if (compareGroups(group(Math.log(1.1)), group(0), 'ratio', 0.95)!.p < 0.05) seen++;
    expect(seen / repeats).toBeGreaterThan(0.75);
    expect(seen / repeats).toBeLessThan(0.92);
  });
});

describe('Universal Scalability Law', () => {
  it('recovers the published parameters of SPEC SDM91 on a SPARCcenter 2000', () => {
    // Data and result: R package usl 3.0 (S. Moeding), data set specsdm91 after Gunther, Guerrilla Capacity Planning (2007).
    const load = [1, 18, 36, 72, 108, 144, 216];
    const throughput = [64.9, 995.9, 1652.4, 1853.2, 1828.9, 1775.0, 1702.2];
    const fit = fitScalabilityLaw(
      load.map((parallelism, index) => ({ parallelism, throughput: throughput[index] })),
      0.95,
    )!;
    expect(fit.alpha.value).toBeCloseTo(0.0277285, 6);
    expect(fit.beta.value).toBeCloseTo(0.0001044, 6);
    expect(fit.gamma.value).toBeCloseTo(89.995233, 3);
    expect(fit.errors![0]).toBeCloseTo(14.2134894, 3);
    expect(fit.errors![1]).toBeCloseTo(0.0091217, 6);
    expect(fit.errors![2]).toBeCloseTo(0.0000199, 6);
    expect(Math.max(...fit.residuals)).toBeCloseTo(111.1, 1);
  });

  it('needs three distinct replica counts', () => {
    expect(
      fitScalabilityLaw(
        [
          { parallelism: 1, throughput: 5 },
          { parallelism: 2, throughput: 9 },
        ],
        0.95,
      ),
    ).toBeNull();
  });
});

describe('Breakpoint', () => {
  it('is found where servers of known capacity stop keeping up', () => {
    const found = findChangePoint(
      rampThroughServers({ capacity: 60, servers: 2, peak: 200, seconds: 600, seed: 5 }),
      0.95,
    )!;
    expect(Math.abs(found.rate - 60)).toBeLessThan(2);
    expect(found.low).toBeLessThan(found.rate);
    expect(found.high).toBeGreaterThan(found.rate);
    expect(found.seconds).toBeGreaterThan(10);
  });

  it('is not too good at low rates: no second is left out because its answer came just before', () => {
    const rates = Array.from(
      { length: 200 },
      (_, seed) =>
        findChangePoint(rampThroughServers({ capacity: 2, servers: 8, peak: 32, seconds: 600, seed }), 0.95)!.rate,
    );
    expect(Math.abs(rates.reduce((a, b) => a + b, 0) / rates.length / 2 - 1)).toBeLessThan(0.012);
  });

  it('is not found where the servers keep up to the end', () => {
    for (let seed = 0; seed < 5; seed++)
      expect(
        findChangePoint(rampThroughServers({ capacity: 400, servers: 12, peak: 200, seconds: 600, seed }), 0.95),
      ).toBeNull();
  });
});

describe('Breakpoint of a cell', () => {
  const trial = { rate: 100, seconds: 20, error: 2, freedom: 3 };

  it('counts a trial by its seconds at the limit', () => {
    const pooled = pooledChangePoint([trial, trial, { ...trial, rate: 90, seconds: 2 }], 0.95)!;
    expect(pooled.value).toBeGreaterThan(99);
    expect(pooled.n).toBe(3);
  });

  it('is not taken for certain where trials agree by chance', () => {
    const { low, high } = pooledChangePoint([trial, trial, trial], 0.95)!;
    // Student's t on nine degrees of freedom times 2/√3.
    expect(high! - 100).toBeCloseTo((2.2622 * 2) / Math.sqrt(3), 3);
    expect(100 - low!).toBeCloseTo(high! - 100, 9);
  });

  it('is as uncertain as trials that disagree, however certain each is of itself', () => {
    const sure = [90, 100, 110].map((rate) => ({ ...trial, rate, error: 0.001 }));
    const { low, high } = pooledChangePoint(sure, 0.95)!;
    expect(high! - low!).toBeCloseTo(2 * 24.841, 2);
  });

  it('has no interval from one trial, and none exists without trials', () => {
    expect(pooledChangePoint([trial], 0.95)).toEqual({ value: 100, low: null, high: null, n: 1 });
    expect(pooledChangePoint([], 0.95)).toBeNull();
  });
});

describe('Percentile of a cell', () => {
  const same = Float64Array.from({ length: 1000 }, (_, index) => index + 1);
  const window = (...slower: number[]) => slower.map((count) => ({ requests: 100, slower: count }));

  it('is not taken for certain where trials agree by chance but scatter within', () => {
    const sorted = [same, same, same];
    const agreeing = Array.from({ length: 10 }, () => window(1, 1, 1));
    const scattered = Array.from({ length: 5 }, () => [window(2, 0, 1), window(0, 2, 1)]).flat();
    const certain = pooledPercentileInterval(990, 0.99, { sorted, windows: agreeing }, 0.95);
    expect(certain.high! - certain.low!).toBeLessThan(1);
    const honest = pooledPercentileInterval(990, 0.99, { sorted, windows: scattered }, 0.95);
    expect(honest.low!).toBeLessThan(988);
    expect(honest.high!).toBeGreaterThan(992);
  });

  // The other two views see less in each of these: either alone would give an interval that is too narrow.
  it('is as uncertain as trials of which one is faster than the others, which the resamples hardly draw alone', () => {
    const sorted = [50, 100, 100].map((time) => new Float64Array(1000).fill(time));
    const agreeing = Array.from({ length: 10 }, () => window(1, 1, 1));
    const { low } = pooledPercentileInterval(100, 0.99, { sorted, windows: agreeing }, 0.95);
    // Student's t on two degrees of freedom times ln 2 / 3, the standard error of the mean of 0, ln 2 and ln 2.
    expect(Math.log(100 / low!)).toBeCloseTo((4.3027 * Math.LN2) / 3, 3);
  });

  it('is as uncertain as the share of slow requests that decides it, which the own percentiles of trials do not tell', () => {
    const slow = (count: number) => new Float64Array(1000).fill(100, 0, 1000 - count).fill(400, 1000 - count);
    const agreeing = Array.from({ length: 10 }, () => window(1, 1, 1));
    const { low } = pooledPercentileInterval(
      400,
      0.99,
      { sorted: [slow(0), slow(16), slow(16)], windows: agreeing },
      0.95,
    );
    // 400 ms wherever a trial with slow requests was drawn twice, in 20 of 27 resamples, else 100 ms; widened by 3/2.
    const error = Math.log(4) * Math.sqrt((20 / 27) * (7 / 27) * 1.5);
    expect(Math.log(400 / low!)).toBeCloseTo(4.3027 * error, 3);
  });

  it('leaves the rise and fall of the load out of the scatter', () => {
    const climbing = Array.from({ length: 10 }, (_, index) => window(index, index, index));
    expect(errorOfShare(climbing).error).toBe(0);
  });

  it('stays between what was seen and what can be, and reaches further up than down', () => {
    const trials = [5, 50, 500].map((scale) => Float64Array.from({ length: 1000 }, (_, index) => scale * (index + 1)));
    const windows = Array.from({ length: 10 }, () => window(3, 0, 0));
    const wide = pooledPercentileInterval(400_000, 0.99, { sorted: trials, windows }, 0.95);
    expect(wide.high!).toBeGreaterThan(1e6);
    const kept = pooledPercentileInterval(400_000, 0.99, { sorted: trials, windows }, 0.95, {
      least: 5,
      most: 500_000,
    });
    expect(kept.low!).toBeGreaterThanOrEqual(5);
    expect(kept.high).toBe(500_000);
    expect(Math.log(wide.high! / 400_000)).toBeGreaterThan(1.5 * Math.log(400_000 / wide.low!));
  });
});

describe('Mean of a cell', () => {
  const window = (...sums: number[]) => sums.map((sum) => ({ requests: 10, sum }));

  it('is as uncertain as trials that disagree, though every window of the load agrees', () => {
    const agreeing = Array.from({ length: 10 }, () => window(1000, 1000, 1000));
    const { low } = pooledMeanInterval([90, 100, 110], agreeing, 0.95)!;
    const logs = [90, 100, 110].map(Math.log);
    expect(Math.log(100 / low!)).toBeCloseTo(meanInterval(logs, 0.95)!.high! - meanInterval(logs, 0.95)!.value, 6);
  });

  it('is as uncertain as the windows of the load that disagree, though trials agree by chance', () => {
    const scattered = Array.from({ length: 10 }, (_, index) =>
      index % 2 === 0 ? window(900, 1000, 1100) : window(1100, 1000, 900),
    );
    const { low, high } = pooledMeanInterval([100, 100, 100], scattered, 0.95)!;
    // Ten windows of variance 100² in the excess of each trial, 20 degrees of freedom, over 300 requests.
    const reach = (2.086 * Math.sqrt(3 * 10 * 100 ** 2)) / 300 / 100;
    expect(Math.log(100 / low!)).toBeCloseTo(reach, 4);
    expect(high!).toBeGreaterThan(100 * Math.exp(reach));
  });
});

describe('Pareto front', () => {
  it('holds the points that none beats on both axes, in order of cost', () => {
    const points = [
      { x: 3, y: 1 },
      { x: 1, y: 3 },
      { x: 2, y: 2 },
      { x: 2, y: 5 },
      { x: 4, y: 1 },
      { x: null, y: 0 },
    ];
    expect(paretoFront(points)).toEqual([1, 2, 0]);
  });
});
