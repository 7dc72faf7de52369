import { podsFor } from '../../../measurement/trial/scaling-measures';
import type { Trace } from '../../../measurement/trial/trace-blob';
import type { TraceLine } from './option';

/** A trial of a variant, drawn over others. */
export interface Chosen {
  readonly label: string;
  readonly index: number;
  readonly trace: Trace;
}

/** Names of the workloads whose replicas a trial has. */
export function workloadsOf(trace: Trace): string[] {
  return Object.keys(trace.lines)
    .filter((name) => name.startsWith('ready '))
    .map((name) => name.slice('ready '.length));
}

const BLACK = 6;

/** Response time, the load that was offered, and what each workload was asked for, had, and would have needed. */
export function overlayLines(
  chosen: readonly Chosen[],
  workloads: readonly string[],
  sustainedByOne: Readonly<Record<string, number>>,
): TraceLine[] {
  const offered = longestLoad(chosen);
  const demand = workloads.flatMap((workload, index): TraceLine[] => {
    const one = sustainedByOne[workload];
    if (offered === undefined || one === undefined) return [];
    const y = (offered.lines['demanded'] ?? []).map((rate) => (rate === null ? null : podsFor(rate, one)));
    return [{ name: 'demand', panel: 2 + index, t: offered.t, y, step: true, color: BLACK, dash: 2, width: 1.2 }];
  });
  return [
    ...chosen.flatMap(({ label, index, trace }): TraceLine[] => [
      { name: label, panel: 0, t: trace.t, y: trace.lines['ewma_ms'] ?? [], color: index, dash: index, labelled: true },
      ...workloads.flatMap((workload, place): TraceLine[] => [
        {
          name: label,
          panel: 2 + place,
          t: trace.t,
          y: trace.lines[`ready ${workload}`] ?? [],
          step: true,
          color: index,
          dash: index,
          width: 2.2,
        },
        {
          name: label,
          panel: 2 + place,
          t: trace.t,
          y: trace.lines[`desired ${workload}`] ?? [],
          step: true,
          color: index,
          dash: 2,
          width: 0.8,
        },
      ]),
    ]),
    ...(offered === undefined
      ? []
      : [{ name: 'offered', panel: 1, t: offered.t, y: offered.lines['offered'] ?? [], color: BLACK, width: 1.2 }]),
    ...demand,
  ];
}

/** The trace whose load went on for longest: a breakpoint's ends where the system breaks, and all follow one schedule. */
function longestLoad(chosen: readonly Chosen[]): Trace | undefined {
  const end = ({ t, lines }: Trace) => t[(lines['demanded'] ?? []).findLastIndex((rate) => rate !== null)] ?? 0;
  return chosen.map(({ trace }) => trace).sort((a, b) => end(b) - end(a))[0];
}

/** Everything of one trial. */
export function singleLines(trace: Trace | undefined): TraceLine[] {
  if (trace === undefined) return [];
  const line = (key: string, name: string, panel: number, color: number, more: Partial<TraceLine> = {}): TraceLine[] =>
    trace.lines[key] === undefined ? [] : [{ name, panel, t: trace.t, y: trace.lines[key], color, ...more }];
  const workloads = workloadsOf(trace);
  return [
    ...line('ewma_ms', 'EWMA', 0, 6),
    ...line('p50', 'p50', 0, 0),
    ...line('p90', 'p90', 0, 2, { dash: 1 }),
    ...line('p95', 'p95', 0, 4),
    ...line('p99', 'p99', 0, 1, { dash: 2 }),
    ...line('offered', 'offered', 1, 6, { dash: 1 }),
    ...line('served', 'served', 1, 0),
    ...line('failed', 'failed', 1, 1),
    ...workloads.flatMap((workload, index) => [
      ...line(`desired ${workload}`, `desired ${workload}`, 2, index * 2 + 1, { step: true, dash: 1 }),
      ...line(`ready ${workload}`, `ready ${workload}`, 2, index * 2, { step: true, area: index === 0 }),
    ]),
    ...line('django_cpu', 'django-api containers', 3, 0),
    ...line('idaes_cpu', 'idaes containers', 3, 2),
    ...line('node_cpu', 'all nodes', 3, 6, { dash: 1 }),
    ...mebibytes(trace, 'django_memory', 'memory of django-api', 0),
    ...mebibytes(trace, 'idaes_memory', 'memory of idaes', 2),
  ];
}

function mebibytes(trace: Trace, key: string, name: string, color: number): TraceLine[] {
  const bytes = trace.lines[key];
  if (bytes === undefined) return [];
  return [{ name, panel: 4, t: trace.t, y: bytes.map((value) => (value === null ? null : value / 1024 ** 2)), color }];
}
