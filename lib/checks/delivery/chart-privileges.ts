import { isMap } from '../../kubernetes/object';
import { valuesOf } from '../objects/chart-values';
import { objectRule, type Rule } from '../rule';

/** Rules of the rights that values of Helm charts ask for: what a chart makes is not rendered here, and no other rule sees it. */
export const chartPrivilegeRules: readonly Rule[] = [
  objectRule(
    {
      id: 'chart-values-ask-for-no-more',
      why: 'A program of a chart with the rights of root, of its node or of every verb is the way from one mistake to the whole cluster.',
      remedy: 'leave it as the chart has it, or name the verbs get, list and watch',
    },
    function* (at) {
      if (!['HelmChart', 'HelmChartConfig', 'Application'].includes(at.object.kind)) return;
      for (const { values, field } of valuesOf(at))
        for (const { path, message } of rightsIn(values, []))
          yield { at, field: `${field}: ${path.join('.')}`, message };
    },
  ),
];

/** Settings that charts pass on to pods, with the value that harms. */
const HARM: Readonly<Record<string, readonly [value: unknown, message: string]>> = {
  runAsUser: [0, 'the program is root'],
  runAsNonRoot: [false, 'the program may be root'],
  privileged: [true, 'the program is root on its node'],
  allowPrivilegeEscalation: [true, 'the program may gain privileges'],
  hostNetwork: [true, 'the program has the network of its node'],
  hostPID: [true, 'the program sees every process of its node'],
  hostIPC: [true, 'the program shares the memory of its node'],
};
const READING = ['get', 'list', 'watch'];

interface Right {
  readonly path: readonly string[];
  readonly message: string;
}

function* rightsIn(value: unknown, path: readonly string[]): Iterable<Right> {
  if (Array.isArray(value))
    for (const [index, item] of value.entries()) yield* rightsIn(item, [...path, String(index)]);
  if (!isMap(value)) return;
  for (const [key, item] of Object.entries(value)) {
    const here = [...path, key];
    const [harmful, message] = (Object.hasOwn(HARM, key) ? HARM[key] : undefined) ?? [];
    if (message !== undefined && item === harmful) yield { path: here, message };
    if (key === 'dashboard' && isMap(item) && item['enabled'] === true)
      yield { path: here, message: 'the pages of a program about itself are published, without sign-in' };
    if (key === 'verbs' && Array.isArray(item)) yield* verbProblems(item.map(String), here);
    yield* rightsIn(item, here);
  }
}

function* verbProblems(verbs: readonly string[], path: readonly string[]): Iterable<Right> {
  const more = verbs.find((verb) => !READING.includes(verb));
  if (more !== undefined) yield { path, message: `${more} does more than read` };
  // What is watched is listed first, and what is listed without a watch is never new.
  if (verbs.includes('list') !== verbs.includes('watch'))
    yield { path, message: `${verbs.join(', ')}: who follows objects needs both list and watch` };
}
