import type { Effected, ObjectPair } from './consequence';

/* eslint-disable @typescript-eslint/no-explicit-any -- fields of an object are read as they come */

/** Charts whose version, source or values change: what they render is not in the output. */
export function chartChanges({ was, is }: ObjectPair): Effected[] {
  if (!was || !is) return [];
  const [before, after] = [sources(was), sources(is)];
  return [...after].flatMap(([name, { version, values, field }]): Effected[] => {
    const old = before.get(name);
    if (!old) return [{ effect: 'unseen', field, sentence: `the chart ${name} ${version} is new, and its objects are not among the manifests` }];
    if (old.version !== version) return [{ effect: 'unseen', field, sentence: `the chart ${name} goes from ${old.version} to ${version}: its objects are not among the manifests, so read its release notes, or render both` }];
    return old.values === values ? [] : [{ effect: 'unseen', field, sentence: `the values of the chart ${name} change; its objects are not among the manifests` }];
  }); // prettier-ignore
}

interface ChartSource {
  readonly version: string;
  readonly values: string;
  readonly field: string;
}

function sources({ kind, spec }: any): Map<string, ChartSource> {
  const found = new Map<string, ChartSource>();
  const add = (name: unknown, version: unknown, values: unknown, field: string) =>
    found.set(String(name), { version: String(version ?? 'the newest'), values: JSON.stringify(values ?? {}), field });
  if (kind === 'HelmChart') {
    const name = spec?.chart ?? (spec?.chartContent ? 'of chartContent' : undefined);
    if (name) add(name, spec.version, [spec.valuesContent, spec.set, spec.chartContent], 'spec.version');
  }
  if (kind === 'HelmChartConfig') add('that it configures', '', spec?.valuesContent, 'spec.valuesContent');
  if (kind === 'Application') {
    for (const source of spec?.sources ?? (spec?.source ? [spec.source] : [])) {
      if (source.chart) add(source.chart, source.targetRevision, source.helm, 'spec.source.targetRevision');
    }
  }
  return found;
}
