/** Successful requests of one trial due in one window of the load. */
export interface WindowCount {
  readonly requests: number;
  /** How many of them were slower than the percentile pooled over trials. */
  readonly slower: number;
}

/** The same for a sum rather than a count. */
export interface WindowSum {
  readonly requests: number;
  readonly sum: number;
}

/** A standard error and the degrees of freedom behind it. */
export interface ScatterError {
  readonly error: number;
  readonly freedom: number;
}

/**
 * Standard error of the pooled share of slower requests from the scatter within trials, the same window of every trial held
 * against the others, which leaves the load's own rise and fall out (batch means; Law and Kelton, Simulation Modeling and
 * Analysis, chapter 9). The degrees of freedom are Satterthwaite's.
 */
export function errorOfShare(windows: readonly (readonly WindowCount[])[]): ScatterError {
  return errorOfMean(windows.map((window) => window.map(({ requests, slower }) => ({ requests, sum: slower }))));
}

/** As {@link errorOfShare}, for the mean of a figure of which each window has the sum. */
export function errorOfMean(windows: readonly (readonly WindowSum[])[]): ScatterError {
  const all = windows.flat();
  const total = all.reduce((requests, one) => requests + one.requests, 0);
  const mean = all.reduce((sum, one) => sum + one.sum, 0) / Math.max(1, total);
  const trials = Math.max(2, ...windows.map((window) => window.length));
  const variances = windows.map((window) => {
    const excess = window.map(({ requests, sum }) => sum - mean * requests);
    const centre = excess.reduce((sum, value) => sum + value, 0) / trials;
    return excess.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (trials - 1);
  });
  const sum = variances.reduce((a, b) => a + b, 0);
  const squares = variances.reduce((a, b) => a + b * b, 0);
  if (!(squares > 0)) return { error: 0, freedom: trials - 1 };
  return { error: Math.sqrt(trials * sum) / total, freedom: ((trials - 1) * sum ** 2) / squares };
}
