import type { Outcomes } from '../campaign';
import { SAMPLE_ERRORS, type Samples } from './load';

/** The samples of a generator as outcomes. */
export function outcomesOf(samples: Samples): Outcomes {
  return {
    rows: samples.rows,
    scheduled_s: samples.scheduled_s,
    started_s: samples.started_s,
    status: samples.status,
    error: (row) => SAMPLE_ERRORS[samples.error[row]!] ?? null,
    responseMs: (row) =>
      samples.blocked_ms[row]! +
      samples.connecting_ms[row]! +
      samples.tls_ms[row]! +
      samples.sending_ms[row]! +
      samples.waiting_ms[row]! +
      samples.receiving_ms[row]!,
  };
}
