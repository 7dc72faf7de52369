/** The most that a metric can be, by the end of its name: far above any machine of ours, and below what a broken counter yields. */
const MOST: readonly (readonly [ending: string, most: number])[] = [
  ['_cpu_cores', 1024],
  // Shares of a whole; two counters that are read at slightly different moments may pass it a little.
  ['_ratio', 2],
  ['_bytes', 2 ** 50],
  ['_bytes_per_second', 2 ** 40],
  ['_celsius', 200],
  ['_count', 1e6],
  ['_clients', 1e6],
];

/** Whether a metric can have this value at all: a counter that was reset, or set, yields rates below zero or beyond measure. */
export function isPossibleMetric(metric: string, value: number): boolean {
  const [, most] = MOST.find(([ending]) => metric.endsWith(ending)) ?? ['', Infinity];
  return Number.isFinite(value) && value >= 0 && value <= most;
}
