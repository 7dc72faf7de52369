import type { RandomStream } from '../../../lib/primitives/random-stream';

/** A distribution of times, milliseconds. */
export type Distribution =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'uniform'; readonly min: number; readonly max: number }
  | { readonly kind: 'exponential'; readonly mean: number }
  /** `spread` is the coefficient of variation: the standard deviation as a share of the mean. */
  | { readonly kind: 'log-normal'; readonly mean: number; readonly spread: number }
  /** Values at equally spaced probabilities from 0 to 1, joined by straight lines: what calibration fits. */
  | { readonly kind: 'quantiles'; readonly values: readonly number[] };

/** Draws one value, milliseconds. */
export function draw(distribution: Distribution, random: RandomStream): number {
  switch (distribution.kind) {
    case 'constant':
      return distribution.value;
    case 'uniform':
      return distribution.min + (distribution.max - distribution.min) * random.uniform();
    case 'exponential':
      return distribution.mean * random.exponential();
    case 'log-normal': {
      // The mean of exp(m + s z) is exp(m + s²/2), its squared coefficient of variation exp(s²) - 1.
      const variance = Math.log1p(distribution.spread ** 2);
      return distribution.mean * Math.exp(Math.sqrt(variance) * random.normal() - variance / 2);
    }
    case 'quantiles': {
      const { values } = distribution;
      const place = random.uniform() * (values.length - 1);
      const below = Math.floor(place);
      return values[below] + (values[Math.min(below + 1, values.length - 1)] - values[below]) * (place - below);
    }
  }
}

/** Mean, milliseconds. */
export function meanOf(distribution: Distribution): number {
  switch (distribution.kind) {
    case 'constant':
      return distribution.value;
    case 'uniform':
      return (distribution.min + distribution.max) / 2;
    case 'exponential':
    case 'log-normal':
      return distribution.mean;
    case 'quantiles': {
      const { values } = distribution;
      const inner = values.reduce((sum, value) => sum + value, 0) - (values[0] + values[values.length - 1]) / 2;
      return values.length === 1 ? values[0] : inner / (values.length - 1);
    }
  }
}

/** The same shape, every value multiplied. */
export function scaled(distribution: Distribution, factor: number): Distribution {
  switch (distribution.kind) {
    case 'constant':
      return { kind: 'constant', value: distribution.value * factor };
    case 'uniform':
      return { kind: 'uniform', min: distribution.min * factor, max: distribution.max * factor };
    case 'exponential':
      return { kind: 'exponential', mean: distribution.mean * factor };
    case 'log-normal':
      return { ...distribution, mean: distribution.mean * factor };
    case 'quantiles':
      return { kind: 'quantiles', values: distribution.values.map((value) => value * factor) };
  }
}

/** The distribution in words, for the facts of a report. */
export function inWords(distribution: Distribution): string {
  const of = (value: number) => `${Number(value.toFixed(1))}`;
  switch (distribution.kind) {
    case 'constant':
      return `constantly ${of(distribution.value)} ms`;
    case 'uniform':
      return `uniform from ${of(distribution.min)} to ${of(distribution.max)} ms`;
    case 'exponential':
      return `exponential with mean ${of(distribution.mean)} ms`;
    case 'log-normal':
      return `log-normal with mean ${of(distribution.mean)} ms and coefficient of variation ${distribution.spread}`;
    case 'quantiles':
      return `as measured, ${distribution.values.length} quantiles with mean ${of(meanOf(distribution))} ms`;
  }
}
