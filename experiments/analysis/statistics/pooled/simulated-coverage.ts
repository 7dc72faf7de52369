/**
 * For which systems the intervals of mean and percentiles were simulated (test/experiments/analysis/coverage/coverage.experiments.test.ts
 * holds them to it), each with three trials, and the share of intervals that held the truth at least.
 */
export const SIMULATED_COVERAGE = {
  requests: 2000,
  logNormalSigma: 1.2,
  paretoIndex: 2.5,
  gammaShape: 0.5,
  weibullShape: 0.6,
  burst: 3,
  drift: 0.05,
  wideDrift: 0.1,
  held: 0.935,
  /** One request in so many takes so many times as long as the others: slow ones that meet decide the 99th percentile. */
  bimodal: { oneIn: 20, times: 21, heldByP99: 0.85 },
  /** Short trials of bursts. */
  short: { requests: 600, heldByP99: 0.9 },
  /**
   * One trial in so many runs on a system that is slower as a whole: often none of the three is one, or none is not. Exponential
   * service; the lowest rate over mean and percentiles.
   */
  slowTrials: {
    oneIn: 4,
    cases: [
      { times: 1.2, held: 0.78 },
      { times: 1.3, held: 0.57 },
    ],
  },
} as const;
