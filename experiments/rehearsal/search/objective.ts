import { PROFILE_NAMES, type ProfileName, type TestType } from '../../plan';
import type { TrialSummary } from '../campaign/trial-summary';

/** What a policy has to keep, at least cost. */
export interface Objective {
  /** A percentile of the successful requests, or the time within which a share of all requests is answered well. */
  readonly measure: 'p50' | 'p95' | 'p99' | 'share';
  /** The share, in thousandths of all requests, where it is the measure. */
  readonly thousandths?: number;
  /** Limit of the response time, milliseconds. */
  readonly limitMs: number;
  readonly profile: ProfileName;
  /** The load that the words speak of; absent where they leave it open. */
  readonly testType?: TestType;
}

/** The words for the requests of each load. */
const REQUESTS: Readonly<Record<string, TestType | undefined>> = {
  retrievals: 'uor',
  solves: 'fs',
  requests: undefined,
};

const PERCENTILE = /^\s*(p50|p95|p99)\s*<\s*(\d+(?:\.\d+)?)\s*(ms|s)\s+at\s+(\w+)\s*$/;
const SHARE =
  /^\s*(\d+(?:\.\d)?)\s*%\s+of\s+(?:the\s+)?(\w+)\s+under\s+(\d+(?:\.\d+)?)\s*(ms|s)\s+over\s+(?:the\s+)?(\w+)\s*$/;

/**
 * Reads "99 % of retrievals under 300 ms over the spike" (failures are too slow) or "p95 < 200 ms at spike" (of successes).
 *
 * @throws Error saying what is understood.
 */
export function parseObjective(text: string): Objective {
  const objective = ofPercentile(text) ?? ofShare(text);
  if (objective !== undefined && objective.limitMs > 0) return objective;
  throw new Error(
    `--objective "${text}" is not understood: write a share, a limit and a profile, such as ` +
      `"99 % of retrievals under 300 ms over the spike" (retrievals, solves or requests; to a tenth of a per cent below 100), ` +
      `or a percentile, such as "p95 < 200 ms at spike" (p50, p95 or p99; ms or s; ${PROFILE_NAMES.join(', ')}).`,
  );
}

function ofPercentile(text: string): Objective | undefined {
  const match = PERCENTILE.exec(text);
  const profile = profileNamed(match?.[4]);
  if (!match || !profile) return undefined;
  return { measure: match[1] as 'p50' | 'p95' | 'p99', limitMs: milliseconds(match[2], match[3]), profile };
}

function ofShare(text: string): Objective | undefined {
  const match = SHARE.exec(text);
  const profile = profileNamed(match?.[5]);
  if (!match || !profile || !Object.hasOwn(REQUESTS, match[2])) return undefined;
  const thousandths = Math.round(Number(match[1]) * 10);
  if (thousandths < 1 || thousandths >= 1000) return undefined;
  const testType = REQUESTS[match[2]];
  const limitMs = milliseconds(match[3], match[4]);
  return { measure: 'share', thousandths, limitMs, profile, ...(testType && { testType }) };
}

const profileNamed = (name: string | undefined) => PROFILE_NAMES.find((one) => one === name);
const milliseconds = (number: string, unit: string) => Number(number) * (unit === 's' ? 1000 : 1);

/** What of a trial is held against the limit, milliseconds; Infinity where too few requests were answered at all. */
export function heldAgainst({ measure, thousandths = 1000 }: Objective, trial: TrialSummary): number {
  return (measure === 'share' ? trial.within[thousandths - 1] : trial[measure]) ?? Infinity;
}

/** How the measure is named in tables. */
export function measureName({ measure, thousandths = 1000 }: Objective): string {
  return measure === 'share' ? `${thousandths / 10} %` : measure;
}
