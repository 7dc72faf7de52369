import { parse } from 'yaml';
import type { PlatformModel } from '../../constructs/platform-model';
import type { RenderedFile } from '../../kubernetes/object';
import type { Finding } from '../finding';

/** For the page of rules, since these findings are of no object. */
export const alertRule = {
  id: 'alerts-can-fire',
  why: 'An alert that cannot be read, or that asks about what is not there, is silent when it is needed.',
  remedy: 'correct it in argocd/alerts/rules.ts',
};

/** Labels of metrics that name an object, with its kind. */
const KINDS: Readonly<Record<string, string>> = {
  statefulset: 'StatefulSet',
  deployment: 'Deployment',
  daemonset: 'DaemonSet',
  cronjob: 'CronJob',
  horizontalpodautoscaler: 'HorizontalPodAutoscaler',
  persistentvolumeclaim: 'PersistentVolumeClaim',
};
/** Source: https://prometheus.io/docs/prometheus/latest/querying/basics/#float-literals-and-time-durations */
const DURATION = /^(\d+y)?(\d+w)?(\d+d)?(\d+h)?(\d+m)?(\d+s)?(\d+ms)?$/;

interface AlertingRule {
  readonly alert?: unknown;
  readonly expr?: unknown;
  readonly for?: unknown;
}

/** What is wrong with the alerting rules among the plain files. */
export function alertFindings({ files = [] }: PlatformModel, rendered: readonly RenderedFile[]): Finding[] {
  const names = new Set(
    rendered.flatMap(({ objects }) => objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`)),
  );
  return files
    .filter(({ path }) => /^alerts\/.*\.ya?ml$/.test(path))
    .flatMap(({ path, content }) => {
      const { groups = [] } = (parse(content) ?? {}) as { groups?: { rules?: AlertingRule[] }[] };
      return groups.flatMap(({ rules = [] }) =>
        rules.flatMap((rule) =>
          [...problemsOf(rule, names)].map(({ field, message }) => ({
            rule: alertRule.id,
            component: 'alerts',
            file: path,
            object: String(rule.alert),
            field,
            message,
            remedy: alertRule.remedy,
          })),
        ),
      );
    });
}

function* problemsOf(rule: AlertingRule, names: ReadonlySet<string>): Iterable<{ field: string; message: string }> {
  const text = String(rule.expr ?? '');
  if (rule.for !== undefined && (rule.for === '' || !DURATION.test(String(rule.for))))
    yield { field: 'for', message: `"${String(rule.for)}" is no duration, such as 5m` };
  const bracket = unbalanced(text);
  if (bracket) yield { field: 'expr', message: `a ${bracket} has no partner in ${text}` };
  for (const [, label = '', operator, value = ''] of text.matchAll(/\b(\w+)\s*(=~|=)\s*"([^"]*)"/g)) {
    const kind = Object.hasOwn(KINDS, label) ? KINDS[label] : undefined;
    if (kind === undefined) continue;
    for (const name of operator === '=~' ? value.split('|').filter((part) => /^[\w-]+$/.test(part)) : [value]) {
      if (names.has(`${kind}/${name}`)) continue;
      yield { field: 'expr', message: `there is no ${kind} ${name}` };
    }
  }
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
