import type { PlacedOf } from '../objects/kinds';
import { directoryOf } from '../objects/scope';
import type { Rule } from '../rule';

const WAVE = 'argocd.argoproj.io/sync-wave';

/** Rules of what must be there before a Helm chart is installed. */
export const deliveryOrderRules: readonly Rule[] = [
  {
    id: 'guards-come-before-what-they-guard',
    why: 'What a chart starts before its namespace has policies may do what it likes until then.',
    remedy: 'give what guards the namespace a lower sync wave than the Application of the chart',
    over: 'object',
    *check(scope) {
      for (const chart of scope.ofKind('Application')) {
        const namespace = chart.object.spec?.destination?.namespace;
        if (!chart.object.spec?.source?.chart || namespace === undefined) continue;
        for (const guard of scope.ofKind('Application')) {
          const folder = guard.object.spec?.source?.path?.replace(/^dist\//, '');
          const isGuard = scope
            .ofKind('NetworkPolicy')
            .some((policy) => policy.namespace === namespace && directoryOf(policy) === folder);
          if (!isGuard || waveOf(guard) < waveOf(chart)) continue;
          const message = `it brings the policies of ${namespace} in wave ${waveOf(guard)}, and ${chart.label} its pods in wave ${waveOf(chart)}`;
          yield { at: guard, field: `metadata.annotations["${WAVE}"]`, message };
        }
        const home = scope.find('Namespace', '', namespace);
        if (home && waveOf(home) >= waveOf(chart)) {
          const message = `the namespace comes in wave ${waveOf(home)}, and ${chart.label} its pods in wave ${waveOf(chart)}`;
          yield { at: home, field: `metadata.annotations["${WAVE}"]`, message };
        }
      }
    },
  },
];

const waveOf = ({ object }: PlacedOf<'Application' | 'Namespace'>) => Number(object.metadata.annotations?.[WAVE] ?? 0);
