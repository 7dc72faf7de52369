import { isMap } from '../../kubernetes/object';
import { isPlaced } from '../objects/kinds';
import { parseQuantity } from '../../kubernetes/quantity';
import { valuesOf } from '../objects/chart-values';
import { objectRule, type Rule } from '../rule';

/** Rules of what is given to Helm charts, which synthesis does not render. */
export const chartValueRules: readonly Rule[] = [
  objectRule(
    {
      id: 'argo-cd-stays-closed',
      why: 'Whoever gets into Argo CD may apply anything to the cluster.',
      remedy:
        'set it as argocd/argo-cd-values.ts has it; people reach Argo CD with kubectl and the rights of the account on ingress',
    },
    function* (at) {
      if (!isPlaced(at, 'HelmChart') || at.object.metadata.name !== 'argo-cd') return;
      for (const { values, field } of valuesOf(at)) {
        if (values === undefined) continue;
        for (const [path, wanted, harm] of CLOSED) {
          const value = valueAt(values, path);
          if (String(value ?? '') === wanted) continue;
          yield {
            at,
            field: `${field}: ${path.join('.')}`,
            message: `${harm} (it is ${JSON.stringify(value) ?? 'not set'})`,
          };
        }
        for (const part of ['cm', 'params', 'rbac']) {
          for (const [name, value] of Object.entries(mapAt(values, ['configs', part]))) {
            const harm = OPENING.find(([key, text]) => key.test(name) && text.test(String(value)))?.[2];
            if (harm)
              yield {
                at,
                field: `${field}: configs.${part}["${name}"]`,
                message: `${harm} (it is ${JSON.stringify(value)})`,
              };
          }
        }
      }
    },
  ),
  objectRule(
    {
      id: 'chart-values-make-sense',
      why: 'A chart passes on what it is given: a wrong amount or duration shows when its pods do not start.',
      remedy: 'write amounts as 250m or 256Mi, durations as 60s or 5m, and limits that are not below their requests',
    },
    function* (at) {
      if (!['HelmChart', 'HelmChartConfig', 'Application'].includes(at.object.kind)) return;
      for (const { values, field } of valuesOf(at))
        for (const { path, message } of problemsIn(values, []))
          yield { at, field: `${field}: ${path.join('.')}`, message };
    },
  ),
  objectRule(
    {
      id: 'metrics-read-no-secrets',
      why: 'By the lists of their charts kube-state-metrics and Alloy read Secrets, and whoever breaks into one has every password.',
      remedy: 'list the kinds that alerts and dashboards ask about (collectors, or rbac.rules), and leave secrets out',
    },
    function* (at) {
      for (const { values, field } of valuesOf(at)) {
        for (const { path, collectors } of metricsReaders(values, [])) {
          const kinds = Array.isArray(collectors) ? collectors.map(String) : undefined;
          if (kinds && !kinds.includes('secrets')) continue;
          const message = kinds
            ? 'Secrets are among what is read'
            : 'the list of the chart is in force, and Secrets are on it';
          yield { at, field: `${field}: ${path.join('.')}`, message };
        }
        for (const [name, part] of Object.entries(isMap(values) ? values : {})) {
          if (!name.startsWith('alloy-') || !isMap(part) || part['enabled'] !== true) continue;
          const rules = valueAt(part, ['rbac', 'rules']);
          if (Array.isArray(rules) && !JSON.stringify(rules).includes('"secrets"')) continue;
          const message = Array.isArray(rules)
            ? 'Secrets of every namespace are among what is read'
            : 'the list of the chart is in force, and Secrets of every namespace are on it';
          yield { at, field: `${field}: ${name}.rbac.rules`, message };
        }
      }
    },
  ),
];

/** Where values tell kube-state-metrics what to read: every part of that name that the chart is to bring. */
function* metricsReaders(
  value: unknown,
  path: readonly string[],
): Iterable<{ path: readonly string[]; collectors: unknown }> {
  if (!isMap(value)) return;
  for (const [key, item] of Object.entries(value)) {
    const here = [...path, key];
    if (key === 'kube-state-metrics' && isMap(item) && item['deploy'] !== false)
      yield { path: [...here, 'collectors'], collectors: item['collectors'] };
    yield* metricsReaders(item, here);
  }
}

const CLOSED: readonly (readonly [path: readonly string[], wanted: string, harm: string])[] = [
  [['configs', 'cm', 'admin.enabled'], 'false', 'the account admin can be tried from every pod'],
  [['configs', 'cm', 'users.anonymous.enabled'], 'false', 'nobody has to sign in'],
  [['configs', 'rbac', 'policy.default'], '', 'everybody who signs in is given a role'],
  [['global', 'networkPolicy', 'create'], 'true', 'every pod of the cluster reaches its parts'],
  [['global', 'networkPolicy', 'defaultDenyIngress'], 'true', 'every pod of the cluster reaches its parts'],
];

/** Settings that need not be there, with the values that harm. */
const OPENING: readonly (readonly [key: RegExp, value: RegExp, harm: string])[] = [
  [/^exec\.enabled$/, /^true$/, 'whoever gets in has a shell in every pod'],
  [/^accounts\.[^.]+$/, /./, 'an account with a password or a key of its own can be tried'],
  [/^server\.(insecure|disable\.auth)$/, /^true$/, 'sessions are sent in the open, or not asked for'],
  [
    /^kustomize\.buildOptions/,
    /enable-exec|enable-alpha-plugins|LoadRestrictionsNone/,
    'a commit reads files of the repo server, or runs programs there',
  ],
  [/^policy\.csv$/, /\S/, 'roles are handed out that nobody has agreed to'],
  [/^resource\.(exclusions|inclusions)$/, /\S/, 'kinds that it does not look at are neither synced nor set back'],
];

const mapAt = (values: unknown, path: readonly string[]) => {
  const value = valueAt(values, path);
  return isMap(value) ? value : {};
};

interface Problem {
  readonly path: readonly string[];
  readonly message: string;
}

function* problemsIn(value: unknown, path: readonly string[]): Iterable<Problem> {
  if (typeof value !== 'object' || value === null) {
    const key = path.at(-1) ?? '';
    const message = typeof value === 'string' ? durationProblem(key, value) : undefined;
    if (message) yield { path, message };
    return;
  }
  for (const [key, item] of Object.entries(value)) {
    const here = [...path, key];
    if (key === 'nameservers' && Array.isArray(item) && item.length === 0)
      yield { path: here, message: 'no name server is named, so names outside the cluster are not found' };
    if (key === 'resources' && isMap(item)) yield* amountProblems(item, here);
    else if (key === 'destinations' && Array.isArray(item)) yield* twins(item, here);
    yield* problemsIn(item, here);
  }
}

/** Go's form of a duration, and seconds as a whole number where the name says so. */
function durationProblem(key: string, text: string): string | undefined {
  if (/(\.|_)seconds$/.test(key)) return /^\d+$/.test(text) ? undefined : `"${text}" is not a whole number of seconds`;
  if (!/(interval|timeout|reconciliation|jitter|maxDuration)$/i.test(key) || text === '') return undefined;
  if (!/^(\d+(\.\d+)?(ns|us|ms|s|m|h))+$/.test(text)) return `"${text}" is not a duration`;
  const isZero = !/[1-9]/.test(text);
  if (!isZero) return undefined;
  if (/interval$/i.test(key)) return `an interval of ${text} never ends`;
  return /\.reconciliation$/.test(key) ? `by ${text} the repository is never asked for new commits` : undefined;
}

function* amountProblems(resources: Record<string, unknown>, path: readonly string[]): Iterable<Problem> {
  const amounts = (side: string) => (isMap(resources[side]) ? resources[side] : {});
  for (const side of ['requests', 'limits']) {
    for (const [name, amount] of Object.entries(amounts(side))) {
      const number = parseQuantity(amount);
      const here = [...path, side, name];
      if (number === undefined) yield { path: here, message: `${JSON.stringify(amount)} is not an amount` };
      else if (name === 'memory' && number < MEBIBYTE)
        yield { path: here, message: `${amount} of memory is less than 1Mi` };
      else if (name === 'cpu' && number > MOST_CORES)
        yield { path: here, message: `${amount} cores are more than any node has` };
    }
  }
  for (const [name, limit] of Object.entries(amounts('limits'))) {
    const [request, most] = [parseQuantity(amounts('requests')[name]), parseQuantity(limit)];
    if (request !== undefined && most !== undefined && most < request)
      yield {
        path: [...path, 'limits', name],
        message: `the limit ${limit} is below the request ${amounts('requests')[name]}`,
      };
  }
}

const MEBIBYTE = 2 ** 20;
/** No machine of this kind has more; `250` for `250m` is what is meant to be seen. */
const MOST_CORES = 64;

/** Parts of a list that are told apart by their name. */
function* twins(list: readonly unknown[], path: readonly string[]): Iterable<Problem> {
  const names = list.map((item) => (isMap(item) ? item['name'] : undefined));
  for (const [index, name] of names.entries())
    if (name !== undefined && names.indexOf(name) < index)
      yield { path: [...path, String(index), 'name'], message: `"${String(name)}" is the name of another one already` };
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((here, key) => (isMap(here) ? here[key] : undefined), value);
}
