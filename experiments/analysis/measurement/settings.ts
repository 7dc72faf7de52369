import type { TestType } from '../../plan';

/** Choices of the analysis; each is printed in the report. */
export interface AnalysisSettings {
  /** Chance that an interval covers the truth. */
  readonly confidence: number;
  /** Half-life of the exponentially weighted moving average, seconds. */
  readonly halfLifeSeconds: number;
  /** Width of the window of moving percentiles, seconds. */
  readonly windowSeconds: number;
  /** A request slower than this counts as degraded, milliseconds. */
  readonly objectiveMs: Readonly<Record<TestType, number>>;
  /** Smallest relative change that the reader cares about: the report says how many trials would show it. */
  readonly relevantEffect: number;
}

/**
 * Ten seconds are two thirds of the autoscaler's interval of 15 s, so one decision's effect is seen before the next. The
 * objective is four times the longest request of an idle system (40 ms and 1000 ms), well outside its own scatter.
 */
export const DEFAULT_SETTINGS: AnalysisSettings = {
  confidence: 0.95,
  halfLifeSeconds: 10,
  windowSeconds: 10,
  objectiveMs: { uor: 160, fs: 4000 },
  relevantEffect: 0.1,
};

/** Percentiles of response time that are reported. */
export const PERCENTILES = [0.5, 0.9, 0.95, 0.99] as const;

/** Their names, in the same order. */
export const PERCENTILE_NAMES = ['p50', 'p90', 'p95', 'p99'] as const;
export type PercentileName = (typeof PERCENTILE_NAMES)[number];

/**
 * Share of failures that a sustained rate tolerates, how long it must last, and how near the rate at the limit must come to the
 * best window for it to be the better estimate of the same thing: a system that sheds load from its limit on has no such window.
 */
export const SUSTAINED = { failedShare: 0.01, seconds: 30, nearTheLimit: 0.8 } as const;

/** A percentile needs this many requests above it, in a whole cell, to be a figure at all: p99 of 24 requests is none. */
export const LEAST_REQUESTS_ABOVE = 1;

/** Windows of the load in which trials are held against each other: long enough that neighbours hardly depend on each other. */
export const LOAD_WINDOWS = 10;
