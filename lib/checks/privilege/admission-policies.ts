import { isMap } from '../../kubernetes/object';
import { objectRule, type Rule } from '../rule';

/** Rules of policies by which the API server itself refuses objects. */
export const admissionPolicyRules: readonly Rule[] = [
  objectRule(
    {
      id: 'admission-policies-hold',
      why: 'A policy that looks at half of what makes pods, or whose expression fails, lets through what it is there for, or nothing at all.',
      remedy: 'look at pods and pods/ephemeralcontainers, made and changed, and name what is declared under variables',
    },
    function* (at) {
      const { spec } = at.object as { spec?: unknown };
      if (at.object.kind !== 'ValidatingAdmissionPolicy' || !isMap(spec)) return;
      for (const { field, message } of [...scopeProblems(spec), ...expressionProblems(spec)])
        yield { at, field: `spec.${field}`, message };
    },
  ),
];

type Map = Readonly<Record<string, unknown>>;

interface Problem {
  readonly field: string;
  readonly message: string;
}

const maps = (value: unknown): Map[] => (Array.isArray(value) ? value.filter(isMap) : []);
const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

function* scopeProblems({ matchConstraints }: Map): Iterable<Problem> {
  for (const [index, rule] of maps(isMap(matchConstraints) ? matchConstraints['resourceRules'] : []).entries()) {
    const field = `matchConstraints.resourceRules[${index}]`;
    const [resources, operations] = [texts(rule['resources']), texts(rule['operations'])];
    if (!resources.includes('pods')) continue;
    const missing = ['CREATE', 'UPDATE'].find(
      (operation) => !operations.includes(operation) && !operations.includes('*'),
    );
    if (missing) yield { field: `${field}.operations`, message: `pods are not looked at by ${missing}` };
    if (!resources.includes('pods/ephemeralcontainers'))
      yield {
        field: `${field}.resources`,
        message: 'a container that is added to a pod that runs (pods/ephemeralcontainers) is not looked at',
      };
  }
}

/** Capabilities with which a container is as good as root on its node. */
const ROOT = /"(ALL|SYS_ADMIN|SYS_MODULE|SYS_PTRACE|SYS_RAWIO|NET_ADMIN|BPF|DAC_READ_SEARCH)"/;

function* expressionProblems({ variables, validations }: Map): Iterable<Problem> {
  const declared = maps(variables).map(({ name }) => String(name));
  for (const [list, entries] of Object.entries({ variables: maps(variables), validations: maps(validations) })) {
    for (const [index, { expression, message }] of entries.entries()) {
      const text = String(expression);
      const field = `${list}[${index}].expression`;
      const unknown = [...text.matchAll(/\bvariables\.(\w+)/g)].find(([, name]) => !declared.includes(name!))?.[1];
      if (unknown) yield { field, message: `there is no variable ${unknown} (there are ${declared.join(', ')})` };
      const bare = /(?<!\?)\b(\w+)\.orValue\(/.exec(text)?.[1];
      if (bare) yield { field, message: `${bare} fails where it is not set, since no ? stands before it` };
      const refused = /!\S*\.\?(\w+)\.orValue\(true\)/.exec(text)?.[1];
      if (refused) yield { field, message: `whoever says nothing of ${refused} is refused` };
      const capability = ROOT.exec(text)?.[1];
      if (capability) yield { field, message: `${capability} is agreed to, by which a container is root on its node` };
      if (list === 'validations' && (typeof message !== 'string' || message === ''))
        yield { field: `${list}[${index}].message`, message: 'whoever is refused does not learn what to change' };
    }
  }
}
