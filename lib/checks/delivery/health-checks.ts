import { isMap } from '../../kubernetes/object';
import { valuesOf } from '../objects/chart-values';
import { objectRule, type Rule } from '../rule';

/** Rules of the programs by which Argo CD judges whether an object is well. */
export const healthCheckRules: readonly Rule[] = [
  objectRule(
    {
      id: 'health-checks-can-be-read',
      why: 'A health check that Lua cannot read, or that answers what Argo CD does not know, leaves every sync waiting.',
      remedy: 'write Lua 5.1 that returns a status of Healthy, Progressing, Degraded, Suspended, Missing or Unknown',
    },
    function* (at) {
      if (at.object.kind !== 'HelmChart') return;
      for (const { values, field } of valuesOf(at)) {
        const configs = isMap(values) ? values['configs'] : undefined;
        const cm = isMap(configs) ? configs['cm'] : undefined;
        for (const [key, text] of Object.entries(isMap(cm) ? cm : {}))
          if (/^resource\.customizations\.health\./.test(key))
            for (const message of problemsIn(String(text)))
              yield { at, field: `${field}: configs.cm["${key}"]`, message };
      }
    },
  ),
];

/** https://argo-cd.readthedocs.io/en/stable/operator-manual/health/ */
const STATUSES = ['Healthy', 'Progressing', 'Degraded', 'Suspended', 'Missing', 'Unknown'];

function* problemsIn(program: string): Iterable<string> {
  const bare = program.replace(/"[^"\n]*"|'[^'\n]*'/g, '""').replace(/--.*$/gm, '');
  const foreign = /!=|&&|\|\||\+=|\belse if\b|\bnull\b/.exec(bare)?.[0];
  if (foreign) yield `${foreign} is not of Lua (not equal is ~=, nothing is nil)`;
  const count = (pattern: RegExp) => [...bare.matchAll(pattern)].length;
  const [begun, ended] = [count(/\b(then|do|function)\b/g) - count(/\belseif\b/g), count(/\bend\b/g)];
  if (begun !== ended) yield `${begun} blocks begin, and ${ended} end`;
  for (const [open, close] of ['{}', '()', '[]'].map((pair) => pair.split('')))
    if (bare.split(open!).length !== bare.split(close!).length) yield `a ${open} has no partner`;
  const sync = /\bobj\.status\.sync\.status\b/.exec(bare)?.[0];
  if (sync) yield `${sync} says whether it is as in git, and not whether it is well`;
  for (const [, status = ''] of program.matchAll(/\bstatus\s*=\s*"([^"]*)"/g))
    if (status !== '' && !STATUSES.includes(status)) yield `"${status}" is no health that Argo CD knows`;
}
