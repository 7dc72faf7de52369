import { join } from 'node:path';

/** A Go module that pins API types, and the custom resources of it that the platform uses. */
export interface CustomResources {
  /** API group, such as `traefik.io`. */
  readonly group: string;
  /** Folder of the module whose go.mod pins the types. */
  readonly module: string;
  /** Go package of the API types. */
  readonly package: string;
  /** Plural names of the custom resources to keep. */
  readonly resources: readonly string[];
  /** Those of them that charts make, for which typed bindings are generated. */
  readonly bindings: readonly string[];
}

const root = join(__dirname, '..', '..');

/** Argo CD and Kubernetes are pinned where the tests build them from, so that both always speak of one version. */
export const customResources: readonly CustomResources[] = [
  {
    group: 'traefik.io',
    module: join(__dirname, 'traefik'),
    package: 'github.com/traefik/traefik/v3/pkg/provider/kubernetes/crd/traefikio/v1alpha1',
    // Traefik watches all of its kinds and complains of each that the cluster lacks.
    resources: [
      'ingressroutes',
      'ingressroutetcps',
      'ingressrouteudps',
      'middlewares',
      'middlewaretcps',
      'serverstransports',
      'serverstransporttcps',
      'tlsoptions',
      'tlsstores',
      'traefikservices',
    ],
    bindings: ['middlewares'],
  },
  {
    group: 'argoproj.io',
    module: join(root, 'tools', 'argo-cd'),
    package: 'github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1',
    resources: ['applications', 'appprojects'],
    bindings: ['applications', 'appprojects'],
  },
  {
    group: 'helm.cattle.io',
    module: join(__dirname, 'helm-controller'),
    package: 'github.com/k3s-io/helm-controller/pkg/apis/helm.cattle.io/v1',
    resources: ['helmchartconfigs', 'helmcharts'],
    bindings: ['helmchartconfigs', 'helmcharts'],
  },
];

/** Folder of the module whose go.mod pins Kubernetes, the source of the core schemas. */
export const kubernetesModule = join(root, 'tools', 'kubernetes');

/** Folder of the module that pins controller-gen, which turns Go types into CRDs. */
export const controllerGenModule = join(__dirname, 'controller-gen');

/** Folder of the module that publishes the schema of the Compose specification (Apache-2.0). */
export const composeModule = join(__dirname, 'compose');
