import { secondsOfDay } from '../../lib/kubernetes/schedule/time-of-day';
import { stringify } from 'yaml';
import { floorLabels, SIGNAL_METRICS } from '../../lib/kubernetes/horizontal-pod-autoscaler';
import type { ScheduledFloor } from '../../lib/kubernetes/workload-variant';
import type { Settings } from '../../facts/settings';
import { djangoApi } from '../django-api';
import { idaes } from '../idaes';

/** Traefik's counters of a Service, which it keeps for each method, code and protocol. */
const COUNTERS = {
  'in-flight': 'traefik_service_request_duration_seconds_sum',
  'request-rate': 'traefik_service_requests_total',
} as const;

/** Everything of Traefik's that the rules read; nothing else is kept. */
export const KEPT_SERIES = Object.values(COUNTERS).join('|');

/** Name that Traefik gives to the Service of a route of the Kubernetes ingress provider. */
export function traefikServiceName(namespace: string): string {
  return `${namespace}-${djangoApi.host}-${djangoApi.port}@kubernetes`;
}

/**
 * Recording rules that make one series of each signal and workload out of Traefik's counters.
 * - The sum of durations grows by as many seconds a second as requests are on their way (Little's law), known when they are
 *   over.
 * - Traefik sees nothing of the solver. Every solve is a POST at the API that waits for it, so POSTs stand for solves.
 * - A comparison drops NaN, which the adapter would hand on as zero, and zero would remove pods.
 * - A window that lacks a scrape gives no figure: a rate over part of its window falls, and pods with it.
 * - A Service without a request since Traefik's start has no series: then there is no signal, and pods are kept.
 * Sources: https://doc.traefik.io/traefik/observability/metrics/overview/ (Services), `metricFor` of prometheus-adapter 0.12.
 */
export function recordingRules(
  { namespace, signals }: Pick<Settings, 'namespace' | 'signals'>,
  floors: readonly ScheduledFloor[],
): string {
  const rules = (['in-flight', 'request-rate'] as const).flatMap((signal) => {
    const rate = (...matchers: string[]) =>
      `sum(rate(${COUNTERS[signal]}{${[`service="${traefikServiceName(namespace)}"`, ...matchers].join(',')}}[${signals.windowSeconds}s]))`;
    const record = SIGNAL_METRICS[signal];
    const whole = wholeWindow(namespace, signals);
    return [
      { record, expr: `${rate()} >= 0 ${whole}`, labels: { workload: djangoApi.host } },
      { record, expr: `(${rate('method="POST"')} or ${rate()} * 0) >= 0 ${whole}`, labels: { workload: idaes.host } },
    ];
  });
  const floorRules = floors.map((floor) => ({
    record: SIGNAL_METRICS.floor,
    expr: floorExpression(floor, signals.peaks),
    labels: floorLabels(floor),
  }));
  const interval = `${signals.scrapeSeconds}s`;
  return stringify({ groups: [{ name: 'signals', interval, rules: [...rules, ...floorRules] }] }, { lineWidth: 0 });
}

/** Holds only while some series of the Service has every sample that the window has room for. */
function wholeWindow(namespace: string, { scrapeSeconds, windowSeconds }: Settings['signals']): string {
  const samples = `count_over_time(${COUNTERS['request-rate']}{service="${traefikServiceName(namespace)}"}[${windowSeconds}s])`;
  return `and on() max(${samples}) >= ${Math.floor(windowSeconds / scrapeSeconds)}`;
}

/** One pod, and the floor while a daily peak (UTC) is no further away than its lead, on either side. */
function floorExpression({ replicas, leadSeconds }: ScheduledFloor, peaks: readonly string[]): string {
  const near = peaks.map((peak) => {
    // Seconds from the nearest peak, across midnight too.
    const distance = `abs(vector((time() - ${secondsOfDay(peak)!} + 129600) % 86400 - 43200))`;
    return `(${distance} <= bool ${leadSeconds})`;
  });
  return near.length === 0 ? 'vector(1)' : `1 + ${replicas - 1} * clamp_max(${near.join(' + ')}, 1)`;
}

/** What the adapter answers: the recorded series by their names, whatever namespace the autoscaler is in. */
export function adapterRules(): string {
  return stringify(
    {
      externalRules: [
        {
          seriesQuery: `{__name__=~"${Object.values(SIGNAL_METRICS).join('|')}"}`,
          resources: { namespaced: false },
          metricsQuery: '<<.Series>>{<<.LabelMatchers>>} >= 0',
        },
      ],
    },
    { lineWidth: 0 },
  );
}
