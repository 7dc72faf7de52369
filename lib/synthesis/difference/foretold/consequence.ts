import type { KubernetesObject } from '../../../kubernetes/object';

/** What a change does beyond the fields that it touches, the worst first. */
export const EFFECTS = {
  data: { title: 'Deletes data', level: 'error' },
  'sign-in': { title: 'Loses sign-in', level: 'error' },
  refused: { title: 'Refused by the API server', level: 'error' },
  'way-in': { title: 'Opens a way in', level: 'warning' },
  first: { title: 'Needs something before the merge', level: 'warning' },
  right: { title: 'Grants a right', level: 'warning' },
  stops: { title: 'Stops or diverts something', level: 'warning' },
  unseen: { title: 'Not seen here', level: 'warning' },
  pace: { title: 'Changes how many run, when, or in which order', level: 'note' },
  restart: { title: 'Restarts pods', level: 'note' },
  kept: { title: 'Stays in the cluster', level: 'note' },
} as const;

export type EffectKind = keyof typeof EFFECTS;

/** One effect of one changed object. */
export interface Effected {
  readonly effect: EffectKind;
  /** Where in the object, such as `spec.nodeAffinity`; empty when it is the object as a whole. */
  readonly field: string;
  /** What happens, and what to do where that is not plain. */
  readonly sentence: string;
}

/** An object before and after; undefined on the side that does not have it. */
export interface ObjectPair {
  readonly was?: KubernetesObject;
  readonly is?: KubernetesObject;
}

/** Whether Argo CD leaves the object alone when it is gone from git. */
export function isNeverPruned({ metadata }: KubernetesObject): boolean {
  const options = metadata.annotations?.['argocd.argoproj.io/sync-options'] ?? '';
  return /(^|,)\s*Prune=(false|confirm)\s*(,|$)/.test(options);
}

/** Group of an object's API, such as `apps`; empty for the core. */
export function groupOf({ apiVersion }: KubernetesObject): string {
  return apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
}
