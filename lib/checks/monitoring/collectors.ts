import type { PlatformModel } from '../../constructs/platform-model';
import { isMap } from '../../kubernetes/object';
import { goDurationSeconds } from '../../kubernetes/schedule/duration';
import { valuesOf } from '../objects/chart-values';
import type { PlacedOf } from '../objects/kinds';
import type { Rule } from '../rule';
import { metricsIn } from './alert-expressions';
import { alloyProblems } from './alloy';

type Values = Readonly<Record<string, unknown>>;

interface Problem {
  readonly path: string;
  readonly message: string;
}

/** Rules of the chart k8s-monitoring: what it is told to collect, and what alerts and dashboards ask for. */
export const collectorRules: readonly Rule[] = [
  {
    id: 'metrics-that-are-asked-for-arrive',
    why: 'An alert about a metric that nobody collects never fires, and a panel of it stays empty.',
    remedy: 'collect it: collectors and customResourceState of kube-state-metrics, includeMetrics of node-exporter',
    over: 'object',
    *check(scope, model) {
      for (const { at, values, field } of monitored(scope.ofKind('Application')))
        for (const { path, message } of [...missingMetrics(values, askedFor(model)), ...otherNames(values, model)])
          yield { at, field: `${field}: ${path}`, message };
    },
  },
  {
    id: 'collectors-can-do-their-work',
    why: 'A collector that may not read what it is told to, or that sends it nowhere, says so in its own log alone.',
    remedy: 'correct the name, or give the right that it needs',
    over: 'object',
    *check(scope) {
      for (const { at, values, field } of monitored(scope.ofKind('Application'))) {
        const release = String(at.object.spec?.source?.helm?.releaseName ?? '');
        for (const { path, message } of [...partProblems(values), ...accountProblems(values, release)])
          yield { at, field: `${field}: ${path}`, message };
      }
    },
  },
];

/** Values of Applications that bring collectors, and name where what these collect is sent. */
function monitored(applications: readonly PlacedOf<'Application'>[]) {
  return applications.flatMap((at) =>
    valuesOf(at).flatMap(({ values, field }) =>
      isMap(values) && Array.isArray(values['destinations']) ? [{ at, values: values as Values, field }] : [],
    ),
  );
}

/** Metrics of alerts and dashboards that somebody here has to collect. */
function askedFor(model: PlatformModel): string[] {
  return [...new Set(alertTexts(model).flatMap(metricsIn))].filter((name) => /^(kube|node|argocd)_/.test(name));
}

const alertTexts = ({ files = [] }: PlatformModel): string[] =>
  files.filter(({ path }) => path.startsWith('alerts/')).map(({ content }) => content);

/** What the chart calls the cluster, and which labels it makes, against what alerts ask by. */
function* otherNames(values: Values, model: PlatformModel): Iterable<Problem> {
  const texts = alertTexts(model);
  const name = mapAt(values, 'cluster')['name'];
  const asked = texts.flatMap((text) => [...text.matchAll(/\bcluster=\\?"([\w-]+)\\?"/g)].map(([, each]) => each!));
  const other = asked.find((each) => name !== undefined && each !== name);
  if (other) yield { path: 'cluster.name', message: `it is ${String(name)}, and alerts ask for the cluster ${other}` };
  const state = mapAt(values, 'clusterMetrics', 'kube-state-metrics');
  for (const { name: metric, labels } of customMetrics(state)) {
    const matchers = texts.flatMap((text) =>
      [...text.matchAll(new RegExp(`\\b${metric}\\{([^}]*)\\}`, 'g'))].map(([, each]) => each!),
    );
    const missing = matchers
      .flatMap((each) => [...each.matchAll(/(\w+)\s*(?:=~|!=|!~|=)/g)].map(([, label]) => label!))
      .find((label) => label !== 'cluster' && !labels.includes(label));
    if (missing)
      yield {
        path: 'clusterMetrics.kube-state-metrics.customResourceState',
        message: `${metric} has no label ${missing} (it has ${labels.join(', ')})`,
      };
  }
  yield* rightsOfCustomMetrics(state);
}

/** kube-state-metrics follows each kind of which it makes series. */
function* rightsOfCustomMetrics(state: Values): Iterable<Problem> {
  const rules = mapAt(state, 'rbac')['extraRules'];
  for (const { group, kind } of customMetrics(state)) {
    const resource = `${kind.toLowerCase()}s`;
    const has = (Array.isArray(rules) ? rules.filter(isMap) : []).some(
      (rule) =>
        textsAt(rule, 'apiGroups').includes(group) &&
        textsAt(rule, 'resources').includes(resource) &&
        ['list', 'watch'].every((verb) => textsAt(rule, 'verbs').includes(verb)),
    );
    if (!has)
      yield {
        path: 'clusterMetrics.kube-state-metrics.rbac.extraRules',
        message: `nothing lets it list and watch ${resource} of ${group}`,
      };
  }
}

const mapAt = (values: unknown, ...path: string[]): Values =>
  path.reduce<Values>(
    (here, key) => {
      const next = here[key];
      return isMap(next) ? next : {};
    },
    isMap(values) ? values : {},
  );
const textsAt = (map: Values, key: string): string[] =>
  Array.isArray(map[key]) ? (map[key] as unknown[]).map(String) : [];

/** Series that the default lists of the chart leave out: https://github.com/grafana/k8s-monitoring-helm (default-allow-lists). */
const LEFT_OUT = /^node_(hwmon|cpu_scaling|disk)_/;

function* missingMetrics(values: Values, asked: readonly string[]): Iterable<Problem> {
  const metrics = mapAt(values, 'clusterMetrics');
  const [state, exporter] = [mapAt(metrics, 'kube-state-metrics'), mapAt(metrics, 'node-exporter')];
  if (Object.keys(state).length === 0) return;
  const collectors = textsAt(state, 'collectors');
  const unknown = collectors.find((name) => !/s$/.test(name));
  if (unknown)
    yield {
      path: 'clusterMetrics.kube-state-metrics.collectors',
      message: `${unknown} is no collector, whose names are plural`,
    };
  const isIncluded = (part: Values, name: string) =>
    textsAt(mapAt(part, 'metricsTuning'), 'includeMetrics').some((pattern) => isWhole(pattern, name));
  for (const name of asked) {
    const kind = /^kube_([a-z]+)_/.exec(name)?.[1];
    if (kind !== undefined && collectors.length > 0 && !collectors.includes(`${kind}s`))
      yield {
        path: 'clusterMetrics.kube-state-metrics.collectors',
        message: `${kind}s is missing, of which ${name} comes`,
      };
    if (LEFT_OUT.test(name) && !isIncluded(exporter, name))
      yield { path: 'clusterMetrics.node-exporter.metricsTuning.includeMetrics', message: `nothing includes ${name}` };
    if (!name.startsWith('argocd_')) continue;
    const made = customMetrics(state);
    if (!made.some((each) => each.name === name))
      yield {
        path: 'clusterMetrics.kube-state-metrics.customResourceState',
        message: `nothing makes ${name} (${made.map((each) => each.name).join(', ') || 'none'})`,
      };
    else if (!isIncluded(state, name))
      yield {
        path: 'clusterMetrics.kube-state-metrics.metricsTuning.includeMetrics',
        message: `nothing includes ${name}`,
      };
  }
  for (const { fields } of customMetrics(state)) {
    const odd = fields.find(
      (field) =>
        !/^(spec|status|metadata)\.(source\.(path|repoURL|targetRevision)|sync\.(status|revision)|health\.status|name|namespace|project)$/.test(
          field,
        ),
    );
    if (odd)
      yield {
        path: 'clusterMetrics.kube-state-metrics.customResourceState',
        message: `an Application has no field ${odd}`,
      };
  }
}

function isWhole(pattern: string, name: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`).test(name);
  } catch {
    return false;
  }
}

interface CustomMetric {
  readonly name: string;
  readonly group: string;
  readonly kind: string;
  readonly labels: readonly string[];
  /** Fields that its labels come from. */
  readonly fields: readonly string[];
}

/** Series that kube-state-metrics is told to make of Applications. */
function customMetrics(state: Values): CustomMetric[] {
  const { resources } = mapAt(state, 'customResourceState', 'config', 'spec');
  return (Array.isArray(resources) ? resources.filter(isMap) : []).flatMap((resource) => {
    const own = labelsOf(resource);
    const { group, kind } = mapAt(resource, 'groupVersionKind');
    return (Array.isArray(resource['metrics']) ? resource['metrics'].filter(isMap) : []).map((metric) => ({
      name: `${String(resource['metricNamePrefix'])}_${String(metric['name'])}`,
      group: String(group),
      kind: String(kind),
      labels: [resource, mapAt(metric, 'each', 'info')].flatMap((part) => Object.keys(mapAt(part, 'labelsFromPath'))),
      fields: [...own, ...labelsOf(mapAt(metric, 'each', 'info'))],
    }));
  });
}

const labelsOf = (part: Values) =>
  Object.values(mapAt(part, 'labelsFromPath')).map((path) => (Array.isArray(path) ? path.join('.') : String(path)));

/** A mobile line carries no more than this often, and the experiments average over a minute. */
const LEAST_INTERVAL_SECONDS = 15;

function* partProblems(values: Values): Iterable<Problem> {
  const interval = mapAt(values, 'global')['scrapeInterval'];
  const seconds = goDurationSeconds(interval);
  if (seconds !== undefined && seconds < LEAST_INTERVAL_SECONDS)
    yield { path: 'global.scrapeInterval', message: `${String(interval)} is more often than a mobile line carries` };
  for (const [name, part] of Object.entries(values)) {
    if (!isMap(part) || part['enabled'] !== true) continue;
    if (Array.isArray(part['destinations']) && part['destinations'].length === 0)
      yield { path: `${name}.destinations`, message: 'what it reads is sent nowhere' };
    const { replicas } = mapAt(part, 'controller');
    if (Number(replicas) > 1 && mapAt(part, 'alloy', 'clustering')['enabled'] !== true)
      yield {
        path: `${name}.controller.replicas`,
        message: `each of ${String(replicas)} sends everything, since none knows of another`,
      };
    const rules = mapAt(values, String(part['collector']), 'rbac')['rules'];
    if (name === 'podLogsViaKubernetesApi' && Array.isArray(rules) && !JSON.stringify(rules).includes('"pods/log"'))
      yield { path: `${String(part['collector'])}.rbac.rules`, message: 'pods/log is missing, so no log is read' };
    for (const key of ['extraConfig'])
      if (typeof part[key] === 'string')
        for (const message of alloyProblems(part[key])) yield { path: `${name}.${key}`, message };
  }
  const rules = mapAt(values, 'clusterMetrics', 'node-exporter')['extraMetricProcessingRules'];
  if (typeof rules === 'string')
    for (const message of alloyProblems(rules))
      yield { path: 'clusterMetrics.node-exporter.extraMetricProcessingRules', message };
}

/** Accounts that bindings among the extra objects name: the chart calls them by the release and the part. */
function* accountProblems(values: Values, release: string): Iterable<Problem> {
  const objects = Array.isArray(values['extraObjects']) ? values['extraObjects'] : [];
  for (const [index, object] of objects.entries()) {
    const subjects = isMap(object) && Array.isArray(object['subjects']) ? object['subjects'] : [];
    for (const [position, subject] of subjects.entries()) {
      const name = isMap(subject) && subject['kind'] === 'ServiceAccount' ? String(subject['name']) : undefined;
      const parts = Object.keys(values).filter((part) => part.startsWith('alloy-'));
      if (name === undefined || parts.some((part) => name === `${release}-${part}`)) continue;
      yield {
        path: `extraObjects.${index}.subjects.${position}.name`,
        message: `the release ${release} makes no account ${name} (${parts.map((part) => `${release}-${part}`).join(', ')})`,
      };
    }
  }
}
