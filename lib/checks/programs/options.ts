import { isValidCIDR } from 'ipaddr.js';
import { kept } from '../objects/kept';
import type { PlacedObject } from '../objects/placed-object';
import type { PodTemplate } from '../objects/pod-template';
import type { Rule, RuleText, Violation } from '../rule';
import type { Scope } from '../objects/scope';
import { formOf, unknownOption, type Program } from './known-options';
import { valueProblem } from './value-forms';
import { optionsOf, optionsOfChart, type UnreadableLine, type WrittenOption } from './written-options';

/** Rules of what programs are told in files, arguments and values. */
export const optionRules: readonly Rule[] = [
  rule(
    {
      id: 'options-exist',
      why: 'A program refuses to start with an option that it does not know, or goes on without what was meant.',
      remedy: 'correct the name; imports/programs lists the options of each program',
    },
    function* (option) {
      if ('line' in option)
        yield {
          ...at(option, `"${shortened(option.line)}" is no line that ${READERS[option.program]} can read`),
          remedy: 'correct the line, and how the one before it ends',
        };
      else if (option.program.startsWith('argo-cd') && !/^[-._A-Za-z0-9]+$/.test(option.name))
        yield at(
          option,
          `"${option.name}" is no key of a ConfigMap, which has letters, digits, dashes, dots and underscores`,
        );
      else if (option.name !== '' && formOf(option.program, option.name) === undefined)
        yield at(option, unknownOption(option.program, option.name));
    },
  ),
  rule(
    {
      id: 'option-values-can-be-read',
      why: 'A value of a wrong form or unit keeps a program from starting, or means something else to it.',
      remedy: 'write it as the documentation of the program does',
    },
    function* (option) {
      if ('line' in option || option.value === undefined) return;
      const form = formOf(option.program, option.name);
      if (form === undefined) return;
      const problem = problemOf(option.program, form, option.value);
      if (problem) yield at(option, `${option.name}: ${shortened(option.value)} ${problem}`);
    },
  ),
  {
    id: 'access-lines-can-be-read',
    why: 'Postgres refuses its whole list of who may come in when one line of it cannot be read, and then lets nobody in.',
    remedy: 'write type, database, user, address and method: https://www.postgresql.org/docs/16/auth-pg-hba-conf.html',
    over: 'object',
    *check(scope, { reviewed }) {
      for (const place of scope.ofKind('ConfigMap')) {
        for (const [file, text] of Object.entries<string>(place.object.data ?? {})) {
          if (!/pg_hba/.test(file)) continue;
          if (!admitsPods(String(text), reviewed.networks.pods)) {
            const message = `no line lets clients of ${reviewed.networks.pods} in, where every pod is`;
            yield { at: place, field: `data["${file}"]`, message, remedy: 'add a line hostssl with that network' };
          }
          for (const line of String(text)
            .split('\n')
            .map((each) => each.trim())) {
            const problem =
              line === '' || line.startsWith('#') ? undefined : accessProblem(line, reviewed.networks.pods);
            if (problem) yield { at: place, field: `data["${file}"]`, message: `"${line}": ${problem}` };
          }
        }
      }
    },
  },
];

type Judge = (option: WrittenOption | UnreadableLine) => Iterable<Violation>;

/** Each option is looked at once, however many variants hold it. */
function rule(text: RuleText, judge: Judge): Rule {
  return {
    ...text,
    over: 'object',
    *check(scope) {
      for (const option of writtenIn(scope)) yield* judge(option);
    },
  };
}

/** The options of a pod's programs; each pod is read once. */
export const optionsOfPod = kept((pod: PodTemplate, scope: Scope) => [...optionsOf(scope, pod)]);

/** Every option, once for each place that gives it: several pods may mount one file. */
const writtenIn = kept((scope: Scope): readonly (WrittenOption | UnreadableLine)[] => {
  const seen = new Map<string, WrittenOption | UnreadableLine>();
  const add = (option: WrittenOption | UnreadableLine) => {
    const text = 'line' in option ? option.line : `${option.name}=${option.value ?? ''}`;
    seen.set([option.at.file.path, option.at.label, option.field, text].join('\n'), option);
  };
  for (const pod of scope.pods) for (const option of optionsOfPod(pod, scope)) add(option);
  for (const chart of scope.ofKind('HelmChart', 'HelmChartConfig', 'Application'))
    for (const option of optionsOfChart(chart)) add(option);
  return [...seen.values()];
});

/** Of those, what the program can read. */
export const readableIn = (scope: Scope): readonly WrittenOption[] =>
  writtenIn(scope).filter((option): option is WrittenOption => !('line' in option));

const at = ({ at: place, field }: { at: PlacedObject; field: string }, message: string): Violation => ({
  at: place,
  field,
  message,
});

const READERS: Readonly<Record<Program, string>> = {
  postgres: 'Postgres',
  pgbouncer: 'PgBouncer',
  'oauth2-proxy': 'OAuth2 Proxy',
  cloudflared: 'cloudflared',
  nginx: 'nginx',
  traefik: 'Traefik',
  'argo-cd-cm': 'Argo CD',
  'argo-cd-params': 'Argo CD',
};

/** How each program writes yes and no. */
const BOOLEANS: Readonly<Partial<Record<Program, RegExp>>> = {
  postgres: /^(on|off|of|true|tru|tr|t|false|fals|fal|fa|f|yes|ye|y|no|n|1|0)$/i,
  nginx: /^(on|off)$/,
};
const TRUE_OR_FALSE = /^(true|false)$/;

function problemOf(program: Program, form: string, value: string): string | undefined {
  const isBoolean = (text: string) => (BOOLEANS[program] ?? TRUE_OR_FALSE).test(text);
  if (program !== 'oauth2-proxy') return valueProblem(form, bare(value), isBoolean);
  const isQuoted = /^".*"$/.test(value);
  if (form === 'texts')
    return isQuoted || /^\[("[^"]*"(,\s*)?)*\]$/.test(value) ? undefined : 'is not a list of texts in quotes';
  if (form === 'bool' || form === 'int') return valueProblem(form, bare(value), isBoolean);
  return isQuoted || !/[^\w.-]/.test(value) ? valueProblem(form, bare(value), isBoolean) : 'is not a text in quotes';
}

const bare = (value: string) => value.replace(/^(['"])(.*)\1$/, '$2');
const shortened = (text: string) => (text.length > 60 ? `${text.slice(0, 57)}…` : text);

const TYPES = /^(local|host|hostssl|hostnossl|hostgssenc|hostnogssenc)$/;
const METHODS = /^(trust|reject|scram-sha-256|md5|password|gss|sspi|ident|peer|ldap|radius|cert|pam|bsd)$/;

/** Whether clients of the network of pods are let in by a line. */
function admitsPods(text: string, pods: string): boolean {
  return text.split('\n').some((line) => {
    const [type = '', , , address = '', method = ''] = line.trim().split(/\s+/);
    return /^host/.test(type) && (address === 'all' || address === pods) && method !== 'reject';
  });
}

/** A line that cannot be read, or that admits a network from which nobody comes. */
function accessProblem(line: string, pods: string): string | undefined {
  const fields = line.split(/\s+/);
  const [type = '', , , address = ''] = fields;
  if (/^include/.test(type)) return undefined;
  if (!TYPES.test(type)) return `"${type}" is no type of connection`;
  const method = fields[type === 'local' ? 3 : 4] ?? '';
  if (!METHODS.test(method)) return `"${method}" is no method of authentication`;
  if (type === 'local') return undefined;
  if (/^(all|samehost|samenet)$/.test(address)) return undefined;
  if (/[/:]/.test(address) && !isValidCIDR(address)) return `"${address}" is not a range of addresses`;
  const isKnown = address === pods || /^(127\.|::1)/.test(address) || method === 'reject';
  return isKnown ? undefined : `clients are pods, whose network is ${pods}, and not of ${address}`;
}
