import { PROFILE_NAMES, type ProfileName } from '../../plan';

/** What a policy has to keep, at least cost. */
export interface Objective {
  readonly measure: 'p50' | 'p95' | 'p99';
  /** Limit of the response time, milliseconds. */
  readonly limitMs: number;
  readonly profile: ProfileName;
}

/**
 * Reads an objective such as "p95 < 200 ms at spike".
 *
 * @throws Error saying what is understood.
 */
export function parseObjective(text: string): Objective {
  const match = /^\s*(p50|p95|p99)\s*<\s*(\d+(?:\.\d+)?)\s*(ms|s)\s+at\s+(\w+)\s*$/.exec(text);
  const profile = PROFILE_NAMES.find((name) => name === match?.[4]);
  if (!match || !profile || Number(match[2]) === 0) {
    throw new Error(
      `--objective "${text}" is not understood: write a percentile, a limit and a profile, ` +
        `such as "p95 < 200 ms at spike" (p50, p95 or p99; ms or s; ${PROFILE_NAMES.join(', ')}).`,
    );
  }
  const limit = Number(match[2]) * (match[3] === 's' ? 1000 : 1);
  return { measure: match[1] as Objective['measure'], limitMs: limit, profile };
}
