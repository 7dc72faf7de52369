import type { SampleError } from '../sample-error';
import type { Outcomes } from './outcomes';
import { Strain } from './strain';

/**
 * Why a request failed: the system was behind its load, a pod was on its way out as fewer were wanted, the gateway did not
 * know the sender (so the system under test never met it), or anything else.
 */
export type FailureCause = 'overload' | 'scaling' | 'session' | 'unexpected';

/** All failures of one kind and cause. */
export interface FailureCount {
  /** Such as `status 502`, `timeout` or `wrong answer`. */
  readonly kind: string;
  readonly cause: FailureCause;
  readonly requests: number;
  /** When the first and the last of them were due, seconds from the load's start. */
  readonly first_s: number;
  readonly last_s: number;
}

/** What a system that is behind its load does to requests. */
const OVERLOAD: ReadonlySet<SampleError> = new Set(['timeout', 'interrupted', 'reset', 'tls']);
/** What a pod that ends does to requests: the grace period of 30 s, and as long again as its end needs to be known everywhere. */
const SCALE_DOWN: ReadonlySet<SampleError> = new Set(['reset', 'truncated', 'refused']);
const SCALE_DOWN_SECONDS = 45;
/** A system may answer late for what it suffered shortly before. */
const STRAIN_BEFORE_SECONDS = 5;
const SESSION_STATUS: readonly number[] = [401, 403, 407];
/** Too many requests, and what servers and gateways answer when they cannot cope. */
const isOverloadStatus = (status: number) => status === 429 || status >= 500;

/**
 * The failures of a load by kind and cause, most first.
 *
 * @param scaleDowns Moments at which fewer pods were wanted than before, seconds from the load's start.
 */
export function countFailures(
  outcomes: Outcomes,
  scaleDowns: readonly number[] = [],
  strain = new Strain(outcomes),
): FailureCount[] {
  const counts = new Map<string, FailureCount>();
  for (let row = 0; row < outcomes.rows; row++) {
    const error = outcomes.error(row);
    if (error === null) continue;
    const kind = kindOf(error, outcomes.status[row]!);
    const cause = causeOf(error, row, outcomes, scaleDowns, strain);
    const due = outcomes.scheduled_s[row]!;
    const before = counts.get(`${kind}|${cause}`) ?? { kind, cause, requests: 0, first_s: due, last_s: due };
    counts.set(`${kind}|${cause}`, { ...before, requests: before.requests + 1, last_s: due });
  }
  return [...counts.values()].sort((a, b) => b.requests - a.requests);
}

/** In words for a person: `30 × status 502 from 12 s to 35 s`. */
export function failureInWords({ kind, requests, first_s, last_s }: FailureCount): string {
  const [from, to] = [first_s.toFixed(0), last_s.toFixed(0)];
  return `${requests} × ${kind} ${from === to ? `at ${from} s` : `from ${from} s to ${to} s`}`;
}

function kindOf(error: SampleError, status: number): string {
  if (error === 'status') return `status ${status}`;
  if (error === 'redirect') return `redirect ${status}`;
  return error === 'answer' ? 'wrong answer' : error;
}

function causeOf(
  error: SampleError,
  row: number,
  outcomes: Outcomes,
  scaleDowns: readonly number[],
  strain: Strain,
): FailureCause {
  const due = outcomes.scheduled_s[row]!;
  // Users are all busy with requests that a system at ease never answers, too.
  if (error === 'dropped') return strain.between(due - STRAIN_BEFORE_SECONDS, due) ? 'overload' : 'unexpected';
  const status = outcomes.status[row]!;
  if (error === 'redirect' || (error === 'status' && SESSION_STATUS.includes(status))) return 'session';
  const from = outcomes.started_s[row]!;
  const to = from + outcomes.responseMs(row) / 1000;
  const byStatus = error === 'status' && isOverloadStatus(status);
  if ((byStatus || SCALE_DOWN.has(error)) && scaleDowns.some((at) => to >= at && from <= at + SCALE_DOWN_SECONDS))
    return 'scaling';
  const byOverload = byStatus || OVERLOAD.has(error);
  return byOverload && strain.between(from - STRAIN_BEFORE_SECONDS, to) ? 'overload' : 'unexpected';
}
