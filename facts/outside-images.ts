import list from './outside-image-list.json';

/** Images of one source at one version of it: a Helm chart rendered with the platform's values, or K3s. */
export interface OutsideImages {
  /** Of the chart, or of K3s. */
  readonly version: string;
  /** Each with its tag. */
  readonly images: readonly string[];
}

/**
 * Images that pods run and no manifest here names, by the chart (or K3s, from its release's `k3s-images.txt`) that names
 * them; `npm run outside-images` writes the list anew. Those whose tag the values set have none: `facts/` pins them.
 */
export const outsideImages: Readonly<Record<'argo-cd' | 'k8s-monitoring' | 'k3s', OutsideImages>> = list;
