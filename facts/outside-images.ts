import list from './outside-image-list.json';

/** Images of one source at one version of it: a Helm chart rendered with the platform's values, or K3s. */
export interface OutsideImages {
  /** Of the chart, or of K3s. */
  readonly version: string;
  /** Each with its tag. */
  readonly images: readonly string[];
}

/**
 * Images that pods run and no manifest here names, by the chart (or K3s) that names them. Looked up once for each version
 * and kept with it; `npm run outside-images -- --help` tells how the list is written anew.
 *
 * A chart's images whose tag the values set are listed without a tag: `facts/` pins them. K3s' come from `k3s-images.txt`
 * of its release and are all of Docker Hub.
 */
export const outsideImages: Readonly<Record<'argo-cd' | 'k8s-monitoring' | 'k3s', OutsideImages>> = list;
