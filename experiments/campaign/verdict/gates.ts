import { percent } from '../../../lib/primitives/percent';
import { GATE_LIMITS } from '../gate-limits';
import type { GateResult } from '../record-schema';
import { failureInWords, type FailureCount } from './failures';
import type { Outcomes } from './outcomes';

/**
 * Starts that were dropped because every virtual user was busy are failed requests of an overloaded system. They void a trial
 * only where a gate of the generator's own health failed, since then nobody knows whose fault they are.
 */
export function droppedStarts(outcomes: Outcomes, unhealthy: readonly string[], virtualUsers: number): GateResult {
  const dropped = count(outcomes, 'dropped');
  const gate = 'dropped-starts';
  const limit = GATE_LIMITS.droppedStarts;
  if (outcomes.rows === 0) return { gate, passed: false, limit, detail: 'No request was due.' };
  const value = dropped / outcomes.rows;
  const seen = `${dropped} of ${outcomes.rows} starts (${percent(value)}) were dropped with ${virtualUsers} in flight`;
  if (value <= limit)
    return { gate, passed: true, value, limit, detail: `${seen} (saturated above ${percent(limit)}).` };
  if (unhealthy.length === 0)
    return {
      gate,
      passed: true,
      value,
      limit,
      detail: `${seen}: the system is saturated, they count as failed requests, and percentiles are lower bounds.`,
    };
  return {
    gate,
    passed: false,
    value,
    limit,
    detail: `${seen} while the generator was not well itself (${unhealthy.join(', ')}).`,
    remedy: 'Free the generator host from other work, or lower the load, and run the trial again.',
  };
}

/** Whether a trial's system was saturated: more starts were dropped than the highest percentile that is reported leaves room for. */
export function isSaturated(outcomes: Outcomes): boolean {
  return outcomes.rows > 0 && count(outcomes, 'dropped') / outcomes.rows > GATE_LIMITS.droppedStarts;
}

const NEW_SESSION = 'Get a new session (docs/how-to/run-a-campaign.md, "A session") and resume.';

/** The gateway must know the sender: what it refused (401, 403) or sent to sign in never met the system under test. */
export function sessionKept(failures: readonly FailureCount[]): GateResult[] {
  const ofSession = failures.filter(({ cause }) => cause === 'session');
  const redirected = ofSession.filter(({ kind }) => kind.startsWith('redirect'));
  const refused = ofSession.filter((one) => !redirected.includes(one));
  return [
    noneOf('no-redirects', redirected, 'requests were redirected (to sign-in)'),
    noneOf('session-accepted', refused, 'requests were refused as not signed in'),
  ];
}

function noneOf(gate: string, found: readonly FailureCount[], what: string): GateResult {
  const value = total(found);
  if (value === 0) return { gate, passed: true, value, limit: 0, detail: `No ${what}.` };
  const detail = `${value} ${what}: ${found.map(failureInWords).join(', ')}.`;
  return { gate, passed: false, value, limit: 0, detail, remedy: NEW_SESSION };
}

/** Failures that neither overload nor scaling explains have a budget; above it the trial measured something else. */
export function errorBudget(rows: number, failures: readonly FailureCount[]): GateResult {
  const gate = 'error-budget';
  const limit = GATE_LIMITS.unexpectedFailures;
  if (rows === 0) return { gate, passed: false, limit, detail: 'No request was due.' };
  const unexpected = failures.filter(({ cause }) => cause === 'unexpected');
  const explained = failures.filter(({ cause }) => cause === 'overload' || cause === 'scaling');
  const value = total(unexpected) / rows;
  const passed = value <= limit;
  const own = explained.length === 0 ? '' : ` By overload or scaling: ${explained.map(failureInWords).join(', ')}.`;
  const detail =
    unexpected.length === 0
      ? `No failure without an explanation.${own}`
      : `${total(unexpected)} of ${rows} requests (${percent(value)}) failed in a way that neither overload nor scaling ` +
        `explains: ${unexpected.map(failureInWords).join(', ')} (limit ${percent(limit)}).${own}`;
  return {
    ...{ gate, passed, value, limit, detail },
    ...(passed ? {} : { remedy: remedyFor(unexpected[0]!.kind) }),
  };
}

function remedyFor(kind: string): string {
  if (kind === 'refused') return 'Nothing listened at the address: look at the gateway, or at what was restarted.';
  if (kind === 'dns') return 'The name did not resolve: look at the name server of the ingress node.';
  if (kind === 'exhausted')
    return 'The generator’s host had no port, open file or memory left: raise its limits (ulimit -n, net.ipv4.ip_local_port_range).';
  if (kind === 'tls') return 'The handshake failed: look at the certificate and the gateway.';
  if (kind === 'wrong answer')
    return 'Answers changed during the load: compare one with the answer learnt in the warm-up, and look at the API’s log.';
  if (kind === 'timeout' || kind === 'dropped')
    return 'Others were answered promptly meanwhile: look for a pod or a proxy that takes connections and never answers, and run it again.';
  if (kind === 'truncated' || kind === 'stalled')
    return 'Bodies did not arrive in full: look at the network and at what stands between generator and API.';
  if (kind.startsWith('status 5')) return 'Look at the logs of the gateway and of the API at that time.';
  return 'Look at the network and at the API’s log at that time.';
}

function count(outcomes: Outcomes, error: string): number {
  let found = 0;
  for (let row = 0; row < outcomes.rows; row++) if (outcomes.error(row) === error) found++;
  return found;
}

function total(failures: readonly FailureCount[]): number {
  return failures.reduce((sum, { requests }) => sum + requests, 0);
}
