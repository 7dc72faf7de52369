import { emptySamples, type Load, type Samples } from './load';
import type { LoadResult } from './generator';

/** The part of a load that one of several generators sends. */
export interface Share {
  /** From 0. */
  readonly index: number;
  readonly of: number;
}

/**
 * Due times of one share, in order: every `of`-th request of the whole, so all shares together are due as one generator's.
 *
 * @throws {RangeError} when there is no such share.
 */
export function arrivalsOfShare(arrivals: Float64Array, { index, of }: Share): Float64Array {
  if (!(Number.isInteger(of) && of > 0 && Number.isInteger(index) && index >= 0 && index < of))
    throw new RangeError(`There is no share ${index} of ${of}: shares are numbered from 0.`);
  return arrivals.filter((_, request) => request % of === index);
}

/** The load of one share. Virtual users are divided too: none knows how many the others have. */
export function shareOfLoad(load: Load, share: Share, startAt: number): Load {
  const { abortAboveVirtualUsers } = load;
  return {
    ...load,
    share,
    startAt,
    ...(abortAboveVirtualUsers !== undefined && {
      abortAboveVirtualUsers: Math.max(1, Math.floor(abortAboveVirtualUsers / share.of)),
    }),
  };
}

/** What all generators of one load hand back, as if one had sent it. */
export function mergeResults(parts: readonly LoadResult[], startAt: number): LoadResult {
  return {
    generator: 'embedded',
    startedAt: new Date(startAt),
    aborted: parts.some(({ aborted }) => aborted),
    samples: mergeShares(parts, startAt),
    pauses: parts.flatMap(({ pauses = [] }) => pauses),
    peers: parts.flatMap(({ peers = [] }) => peers),
  };
}

/**
 * The samples of all shares as if one generator had sent them: in the order in which requests were due, on the clock of the
 * moment that all were to begin at (`startAt`, milliseconds since the epoch).
 */
export function mergeShares(parts: readonly LoadResult[], startAt: number): Samples {
  const rows = parts.flatMap(({ samples, startedAt }, part) =>
    Array.from({ length: samples.rows }, (_, row) => ({ part, row, late: (startedAt.getTime() - startAt) / 1000 })),
  );
  const due = ({ part, row }: (typeof rows)[number]) => parts[part]!.samples.scheduled_s[row]!;
  rows.sort((one, other) => due(one) - due(other) || one.part - other.part);
  const merged = emptySamples(rows.length);
  rows.forEach(({ part, row, late }, place) => {
    const { samples } = parts[part]!;
    merged.scheduled_s[place] = samples.scheduled_s[row]!;
    merged.started_s[place] = samples.started_s[row]! + late;
    for (const column of COLUMNS_OF_A_REQUEST) merged[column][place] = samples[column][row]!;
  });
  return merged;
}

/** Columns of the samples that do not hang on the clock of the load. */
export const COLUMNS_OF_A_REQUEST = [
  'blocked_ms',
  'connecting_ms',
  'tls_ms',
  'sending_ms',
  'waiting_ms',
  'receiving_ms',
  'status',
  'error',
] as const;
