import type { Options } from 'k6/options';
import { GRACEFUL_STOP_SECONDS, MAX_VIRTUAL_USERS, PREPARED_VIRTUAL_USERS, type Load } from './load';

/** k6 takes whole numbers of starts per time unit: fractions of a scaled-down plan are counted per thousand seconds. */
const FINE_TIME_UNIT_SECONDS = 1000;

/**
 * The options object of k6 for a load: an open model, so that a slow system cannot slow the load down; every request a
 * new user; a redirect counts as a failure.
 */
export function k6Options(load: Load): Options {
  const unit = load.stages.every(({ target }) => Number.isInteger(target)) ? 1 : FINE_TIME_UNIT_SECONDS;
  const limit = load.abortAboveVirtualUsers;
  return {
    insecureSkipTLSVerify: true,
    noConnectionReuse: true,
    discardResponseBodies: true,
    maxRedirects: 0,
    scenarios: {
      load: {
        executor: 'ramping-arrival-rate',
        startRate: 0,
        timeUnit: `${unit}s`,
        preAllocatedVUs: PREPARED_VIRTUAL_USERS,
        maxVUs: MAX_VIRTUAL_USERS,
        stages: load.stages.map(({ target, seconds }) => ({
          target: Math.round(target * unit),
          duration: `${Math.round(seconds * 1000)}ms`,
        })),
        gracefulStop: `${GRACEFUL_STOP_SECONDS}s`,
      },
    },
    thresholds: limit === undefined ? {} : { vus: [{ threshold: `value<=${limit}`, abortOnFail: true }] },
  };
}
