import type { Written } from '../../kubernetes/kinds/written';
import type { k8s } from '../../constructs/typed-kinds';
import { asList } from './pod-template';

/** Names of the nodes that terms of a node affinity ask for. */
export function hostNamesIn(terms: readonly Written<k8s.NodeSelectorTerm>[] | undefined): string[] {
  return asList(terms)
    .flatMap((term) => asList(term.matchExpressions))
    .filter(({ key, operator }) => key === 'kubernetes.io/hostname' && operator === 'In')
    .flatMap(({ values }) => values ?? []);
}
