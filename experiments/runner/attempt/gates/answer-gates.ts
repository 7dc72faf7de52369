import { percent } from '../../../../lib/primitives/percent';
import { GATE_LIMITS, type GateResult } from '../../../campaign';
import type { LoadResult, ServerPeer } from '../../../workload';

/**
 * One system must answer from the beginning to the end (seconds): a name that resolves elsewhere, or another certificate, is
 * another one. Several that answer side by side from the start are one system.
 */
export function sameSystem({ peers }: LoadResult, seconds: number): GateResult {
  const gate = 'same-system';
  const limit = 0;
  if (peers === undefined)
    return { gate, passed: true, detail: 'This generator cannot tell which addresses and certificates answered.' };
  // The beginning is the first answer: where few requests are due, it may come long after the load's start.
  const begun = (kind: ServerPeer['kind']) =>
    Math.min(...peers.filter((one) => one.kind === kind).map((one) => one.first_s));
  const newcomers = peers.filter(({ kind, first_s }) => first_s > begun(kind) + seconds * GATE_LIMITS.newPeerShare);
  const value = newcomers.length;
  if (value === 0) return { gate, passed: true, value, limit, detail: `${namesOf(peers)} answered throughout.` };
  return {
    ...{ gate, passed: false, value, limit },
    detail: `${newcomers.map(({ kind, name, first_s }) => `From ${first_s.toFixed(1)} s on another ${kind} answered, ${name}`).join('. ')} (before: ${namesOf(peers.filter((one) => !newcomers.includes(one)))}).`,
    remedy:
      'Look at what was changed meanwhile (the name server’s records, the gateway’s certificate or pods) and run it again.',
  };
}

function namesOf(peers: readonly ServerPeer[]): string {
  return peers.map(({ kind, name }) => `${kind} ${name}`).join(', ') || 'No address';
}

/**
 * No answer can come sooner after its request than the delay (ms; 0 for none) lets the request through: it was sent unasked,
 * or took a way without the delay.
 */
export function answersDelayed({ samples }: LoadResult, delayMs: number): GateResult {
  const gate = 'answers-delayed';
  const limit = GATE_LIMITS.unexpectedFailures;
  const least = delayMs - GATE_LIMITS.delayToleranceMs;
  if (least <= 0)
    return { gate, passed: true, value: 0, limit, detail: 'No delay is in place that an answer could beat.' };
  const answered = Array.from(samples.status.subarray(0, samples.rows).keys()).filter(
    (row) => samples.status[row] !== 0,
  );
  const ready = (row: number) => samples.blocked_ms[row]! + samples.connecting_ms[row]! + samples.tls_ms[row]!;
  // Counted from the start of the request, before which nothing was sent: moments in between are seen late by a busy generator.
  const soonest = least + answered.reduce((lowest, row) => Math.min(lowest, ready(row)), Infinity);
  const early = answered.filter((row) => ready(row) + samples.sending_ms[row]! + samples.waiting_ms[row]! < soonest);
  const value = answered.length === 0 ? 0 : early.length / answered.length;
  const passed = value <= limit;
  const seen = `${early.length} of ${answered.length} answers (${percent(value)}) came within ${least} ms of their request`;
  if (passed) return { gate, passed, value, limit, detail: `${seen}, where a delay of ${delayMs} ms is in place.` };
  const [from, to] = [early[0]!, early.at(-1)!].map((row) => samples.scheduled_s[row]!.toFixed(0));
  return {
    ...{ gate, passed, value, limit },
    detail: `${seen}, from ${from} s to ${to} s: none can with a delay of ${delayMs} ms (limit ${percent(limit)}).`,
    remedy:
      'Look at whether the delay stayed in place ("tc qdisc show"), and at what answers without having been asked, and run it again.',
  };
}
