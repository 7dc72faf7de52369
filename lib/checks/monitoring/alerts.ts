import { parse } from 'yaml';
import type { PlatformModel } from '../../constructs/platform-model';
import { isKind } from '../objects/kinds';
import type { RenderedFile } from '../../kubernetes/object';
import { goDurationSeconds } from '../../kubernetes/schedule/duration';
import type { Finding } from '../finding';
import { expressionProblems, limitProblems, metricsIn, sentenceProblems, type Expression } from './alert-expressions';

/** For the page of rules, since these findings are of no object. */
export const alertRule = {
  id: 'alerts-can-fire',
  why: 'An alert that cannot be read, or that asks about what is not there, is silent when it is needed.',
  remedy: 'correct it in argocd/alerts/rules.ts',
};

/** Source: https://prometheus.io/docs/prometheus/latest/querying/basics/#float-literals-and-time-durations */
const DURATION = /^(\d+y)?(\d+w)?(\d+d)?(\d+h)?(\d+m)?(\d+s)?(\d+ms)?$/;
const SEVERITIES = ['critical', 'warning', 'info'];
/** Longest time between two looks: an alert that must hold for a minute is then still told within some. */
const LONGEST_INTERVAL_SECONDS = 300;

interface AlertingRule {
  readonly alert?: unknown;
  readonly expr?: unknown;
  readonly for?: unknown;
  readonly labels?: { readonly severity?: unknown };
  readonly annotations?: { readonly summary?: unknown; readonly remedy?: unknown };
}

interface Group {
  readonly name?: unknown;
  readonly interval?: unknown;
  readonly rules?: readonly AlertingRule[];
}

interface Panel {
  readonly title?: unknown;
  readonly gridPos?: { readonly x: number; readonly y: number };
  readonly targets?: readonly { readonly expr?: unknown }[];
}

/** Something wrong, where it stands. */
interface Problem {
  readonly object: string;
  readonly field: string;
  readonly message: string;
}

/** What is wrong with the alerting rules and the dashboard among the plain files. */
export function alertFindings({ files = [] }: PlatformModel, rendered: readonly RenderedFile[]): Finding[] {
  const rules = files.filter(({ path }) => /^alerts\/.*\.ya?ml$/.test(path));
  const boards = files.filter(({ path }) => /^alerts\/.*\.json$/.test(path));
  const groups = rules.map(({ content }) => ((parse(content) ?? {}) as { groups?: Group[] }).groups ?? []);
  const panels = boards.map(({ content }) => (JSON.parse(content) as { panels?: Panel[] }).panels ?? []);
  const asked = [
    ...groups.flat().flatMap(({ rules: each = [] }) => each.map(({ expr }) => String(expr ?? ''))),
    ...panels.flat().flatMap(({ targets = [] }) => targets.map(({ expr }) => String(expr ?? ''))),
  ];
  const facts = factsOf(rendered);
  const read = (text: string): Expression => {
    // A name that is written once is held against all others.
    const others = asked.flatMap(metricsIn);
    const own = metricsIn(text);
    return {
      ...facts,
      text,
      others: others.filter((name) => !own.includes(name) || count(others, name) > count(own, name)),
    };
  };
  const finding = (file: string, component: string) => (problem: Problem) => ({
    rule: alertRule.id,
    component,
    file,
    ...problem,
    remedy: component === 'alerts' ? alertRule.remedy : 'correct it in argocd/alerts/dashboard.ts',
  });
  return [
    ...rules.flatMap(({ path }, index) =>
      groups[index]!.flatMap((group) => [...groupProblems(group, read)].map(finding(path, 'alerts'))),
    ),
    ...boards.flatMap(({ path }, index) => [...boardProblems(panels[index]!, read)].map(finding(path, 'dashboard'))),
  ];
}

const count = (names: readonly string[], name: string) => names.filter((each) => each === name).length;

/** What expressions may ask about: objects, folders of Applications, and how often there is a sample. */
function factsOf(rendered: readonly RenderedFile[]): Pick<Expression, 'names' | 'paths' | 'scrapeSeconds'> {
  const objects = rendered.flatMap((file) => file.objects);
  const applications = objects.filter((object) => isKind(object, 'Application'));
  const intervals = applications.flatMap(({ spec }) => {
    const values = spec?.source?.helm?.valuesObject as { global?: { scrapeInterval?: unknown } } | undefined;
    return goDurationSeconds(String(values?.global?.scrapeInterval ?? '')) ?? [];
  });
  return {
    names: new Set(objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`)),
    paths: new Set(applications.flatMap(({ spec }) => spec?.source?.path ?? [])),
    ...(intervals.length > 0 && { scrapeSeconds: Math.max(...intervals) }),
  };
}

function* groupProblems({ name, interval, rules = [] }: Group, read: (text: string) => Expression): Iterable<Problem> {
  const seconds = goDurationSeconds(String(interval ?? '1m'));
  if (seconds === undefined || seconds > LONGEST_INTERVAL_SECONDS)
    yield { object: String(name), field: 'interval', message: `"${String(interval)}" is no time of 5m at most` };
  for (const rule of rules)
    for (const { field, message } of ruleProblems(rule, read)) yield { object: String(rule.alert), field, message };
}

function* ruleProblems(
  { expr, labels, annotations, ...rule }: AlertingRule,
  read: (text: string) => Expression,
): Iterable<Omit<Problem, 'object'>> {
  const text = String(expr ?? '');
  if (rule.for !== undefined && (rule.for === '' || !DURATION.test(String(rule.for))))
    yield { field: 'for', message: `"${String(rule.for)}" is no duration, such as 5m` };
  for (const message of expressionProblems(read(text))) yield { field: 'expr', message };
  for (const message of limitProblems(text)) yield { field: 'expr', message };
  if (!SEVERITIES.includes(String(labels?.severity)))
    yield { field: 'labels.severity', message: `it is none of ${SEVERITIES.join(', ')}, so nobody is told` };
  for (const field of ['summary', 'remedy'] as const) {
    const sentence = annotations?.[field];
    if (typeof sentence !== 'string' || sentence === '')
      yield { field: `annotations.${field}`, message: 'whoever is told does not learn what is wrong, or what to do' };
    else for (const message of sentenceProblems(sentence, text)) yield { field: `annotations.${field}`, message };
  }
}

function* boardProblems(panels: readonly Panel[], read: (text: string) => Expression): Iterable<Problem> {
  const places = new Map<string, string>();
  for (const { title, gridPos, targets = [] } of panels) {
    const object = String(title);
    const place = `${gridPos?.x},${gridPos?.y}`;
    const other = places.get(place);
    if (other !== undefined && gridPos)
      yield { object, field: 'gridPos', message: `it lies on "${other}", so that one of them is never seen` };
    places.set(place, object);
    for (const [index, { expr }] of targets.entries())
      for (const message of expressionProblems(read(String(expr ?? ''))))
        yield { object, field: `targets[${index}].expr`, message };
  }
}
