import { nearestName } from '../../kubernetes/names/nearest-name';
import { goDurationSeconds } from '../../kubernetes/schedule/duration';

/** A PromQL expression of an alert or a panel, and what it is read with. */
export interface Expression {
  readonly text: string;
  /** Names of the metrics that other alerts and panels ask for. */
  readonly others: readonly string[];
  /** What the cluster has, as `Kind/name`. */
  readonly names: ReadonlySet<string>;
  /** Folders that Applications sync. */
  readonly paths: ReadonlySet<string>;
  /** Seconds between two samples; absent where nothing says. */
  readonly scrapeSeconds?: number;
}

/** Labels of metrics that name an object, with its kind. */
const KINDS: Readonly<Record<string, string>> = {
  statefulset: 'StatefulSet',
  deployment: 'Deployment',
  daemonset: 'DaemonSet',
  cronjob: 'CronJob',
  horizontalpodautoscaler: 'HorizontalPodAutoscaler',
  persistentvolumeclaim: 'PersistentVolumeClaim',
  namespace: 'Namespace',
};

/** Conditions of nodes and of autoscalers: https://kubernetes.io/docs/reference/node/node-status/#condition, autoscaling/v2. */
const CONDITIONS = [
  ...['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure', 'NetworkUnavailable'],
  ...['ScalingActive', 'AbleToScale', 'ScalingLimited'],
];

/** What is wrong with an expression, one clause each. */
export function* expressionProblems({ text, others, names, paths, scrapeSeconds }: Expression): Iterable<string> {
  const bracket = unbalanced(text);
  if (bracket) yield `a ${bracket} has no partner in ${text}`;
  for (const [, metric = '', selector = ''] of text.matchAll(SELECTOR)) {
    if (!/\bcluster\s*=\s*"/.test(selector)) yield `${metric} is asked of every cluster, since no matcher names one`;
    const near = others.includes(metric) ? undefined : nearestName(metric, others);
    if (near) yield `${metric} is nearly ${near}, which is asked for elsewhere; one of them is misspelt`;
    for (const [, label = '', operator = '', value = ''] of selector.matchAll(MATCHER)) {
      if (operator === '=' && value.includes('|'))
        yield `${label}="${value}" is one value; write =~ for one of several`;
      if (label === 'condition' && !CONDITIONS.includes(value)) yield `there is no condition ${value}`;
      if (label === 'path' && !paths.has(value)) yield `no Application syncs ${value}`;
      const kind = metric.startsWith('argocd_') && label === 'name' ? 'Application' : KINDS[label];
      if (kind === undefined || !Object.hasOwn({ ...KINDS, name: '' }, label)) continue;
      for (const name of operator === '=~' ? value.split('|').filter((part) => /^[\w-]+$/.test(part)) : [value])
        if (!names.has(`${kind}/${name}`)) yield `there is no ${kind} ${name}`;
    }
  }
  for (const [, range = ''] of text.matchAll(/\[(\w+)\]/g)) {
    const seconds = goDurationSeconds(range);
    if (scrapeSeconds === undefined || seconds === undefined || seconds >= 2 * scrapeSeconds) continue;
    yield `[${range}] never holds two samples, of which one comes every ${scrapeSeconds} s`;
  }
}

const SELECTOR = /\b([a-z]\w*)\s*\{([^}]*)\}/g;
const MATCHER = /\b(\w+)\s*(=~|!=|!~|=)\s*"([^"]*)"/g;

/** Names of the metrics that an expression asks for. */
export const metricsIn = (text: string) => [...text.matchAll(SELECTOR)].map(([, name]) => name!);

/** Bounds between which a limit tells what is bad from what is usual, by what it is compared with. */
const LIMITS: readonly {
  readonly of: RegExp;
  readonly least: number;
  readonly most: number;
  readonly why: string;
}[] = [
  {
    of: /node_filesystem_avail_bytes.*</,
    least: 0.1,
    most: 0.5,
    why: 'a share of the disk; below 0.1 pods are evicted',
  },
  { of: /frequency_hertz.*</, least: 0.3, most: 1, why: 'a share of the highest frequency' },
  {
    of: /node_hwmon_temp_celsius.*>/,
    least: 60,
    most: 85,
    why: 'degrees Celsius of a Pi, which slows down from 80 on',
  },
  { of: /cert_expiry.*86400\s*</, least: 3, most: 60, why: 'days until a certificate of 90 days ends' },
  {
    of: /cert_expiry.*time\(\)\)\s*</,
    least: 3 * 86_400,
    most: 60 * 86_400,
    why: 'seconds until a certificate of 90 days ends',
  },
  { of: /last_successful_time.*3600\s*>/, least: 25, most: 72, why: 'hours since the last nightly run' },
];

/** Metrics that are 1 while all is well, and those that hold a time, which is never 0. */
const WELL = /(?:condition="(?:Ready|ScalingActive)",status="true"|\bprobe_success\b)[^}]*\}\s*(?:==\s*1|>\s*0)\s*$/;
const TIME = /\w+_(?:created|time|timestamp|expiry)\{[^}]*\}\s*==\s*0\s*$/;

/** What is wrong with when an alert fires, one clause each. */
export function* limitProblems(text: string): Iterable<string> {
  const [, limit] = /[<>]\s*(-?[\d.]+)(?:\s+and\b.*)?$/.exec(text) ?? [];
  const bounds = LIMITS.find(({ of }) => of.test(text));
  if (limit !== undefined && bounds && !(Number(limit) >= bounds.least && Number(limit) <= bounds.most))
    yield `${limit} is no limit: it is compared with ${bounds.why} (${bounds.least} to ${bounds.most})`;
  if (WELL.test(text)) yield 'it fires while all is well';
  if (TIME.test(text)) yield 'a time is never 0; ask absent(…) whether there is one';
  if (/last_successful_time.*\)\s*\/\s*3600\s*</.test(text)) yield 'it fires while the last run is young';
}

/** Labels of a metric, beside those of every metric. Source: docs/metrics of kube-state-metrics, and node_exporter's README. */
const LABELS: readonly (readonly [metric: RegExp, labels: readonly string[]])[] = [
  [/^kube_node_/, ['node', 'condition', 'status']],
  [/^kube_(\w+?)_(status|created|spec|info|labels)/, []],
  [/^node_filesystem_/, ['instance', 'device', 'mountpoint', 'fstype']],
  [/^node_/, ['instance', 'device', 'chip', 'sensor', 'cpu', 'mode']],
  [/^probe_/, ['instance']],
  [/^argocd_application_info$/, ['name', 'path', 'sync_status', 'health_status']],
];
const OF_ALL = ['cluster', 'job', 'namespace'];

/** Functions of templates: https://prometheus.io/docs/prometheus/latest/configuration/template_reference/#functions */
const FUNCTIONS = [
  ...['humanize', 'humanize1024', 'humanizeDuration', 'humanizePercentage', 'humanizeTimestamp', 'toDuration'],
  ...['title', 'toUpper', 'toLower', 'stripPort', 'printf', 'reReplaceAll', 'toTime'],
];

/** What is wrong with a sentence that is filled in from the series of an expression. */
export function* sentenceProblems(sentence: string, expression: string): Iterable<string> {
  const known = labelsOf(expression);
  for (const [, label = ''] of sentence.matchAll(/\$labels\.(\w+)/g))
    if (known && !known.includes(label)) yield `no series has the label ${label} (they have ${known.join(', ')})`;
  for (const [, name = ''] of sentence.matchAll(/\{\{[^}]*\|\s*(\w+)/g))
    if (!FUNCTIONS.includes(name))
      yield `there is no function ${name}; the nearest is ${nearestName(name, FUNCTIONS) ?? FUNCTIONS[0]}`;
}

/** Labels that the series of an expression have; undefined where that is not known. */
function labelsOf(expression: string): readonly string[] | undefined {
  const kept = /^\(*(?:max|min|sum|avg|count) by \(([^)]*)\)/.exec(expression)?.[1];
  if (kept !== undefined) return kept.split(',').map((label) => label.trim());
  if (/^absent\(/.test(expression)) return undefined;
  const [metric = ''] = metricsIn(expression);
  const found = LABELS.find(([pattern]) => pattern.test(metric));
  if (!found) return undefined;
  const kind = /^kube_([a-z]+)_/.exec(metric)?.[1];
  return [...found[1], ...(found[1].length === 0 && kind ? [kind] : []), ...OF_ALL];
}

const PARTNERS: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };

/** A bracket without its partner, or a quotation mark; undefined where there is none. */
function unbalanced(text: string): string | undefined {
  const open: string[] = [];
  const bare = text.replace(/"(\\.|[^"\\])*"|'(\\.|[^'\\])*'/g, '');
  if (/["']/.test(bare)) return 'quotation mark';
  for (const letter of bare) {
    if ('([{'.includes(letter)) open.push(letter);
    else if (letter in PARTNERS && open.pop() !== PARTNERS[letter]) return letter;
  }
  return open.at(-1);
}
