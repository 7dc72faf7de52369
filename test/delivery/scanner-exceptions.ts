/** Something that a scanner finds wrong and that stays, with the reason. */
export interface ScannerException {
  readonly scanner: 'checkov' | 'kube-score';
  /** Name of the scanner's check. */
  readonly check: string;
  /** Names of objects, without their kind; every object where it is left out. */
  readonly objects?: readonly string[];
  readonly reason: string;
}

const PULLED_ONCE =
  'tags are never pushed anew and digests pin them; asking the registry at every start would keep pods from starting while the uplink is away';
const OWN_USERS =
  'the images bring their users, whose files they own; each runs without a capability, and the volumes on the nodes are made for exactly that user';

export const scannerExceptions: readonly ScannerException[] = [
  {
    scanner: 'checkov',
    check: 'CKV_K8S_43',
    reason: 'the digests are pending the first run of Renovate; synthesis names each image that is still without one',
  },
  {
    scanner: 'checkov',
    check: 'CKV_K8S_35',
    reason:
      'the private images read their credentials from variables alone, and Postgres, PgBouncer and OAuth2 Proxy share those names',
  },
  { scanner: 'checkov', check: 'CKV_K8S_15', reason: PULLED_ONCE },
  { scanner: 'kube-score', check: 'container-image-pull-policy', reason: PULLED_ONCE },
  { scanner: 'checkov', check: 'CKV_K8S_40', reason: OWN_USERS },
  { scanner: 'kube-score', check: 'container-security-context-user-group-id', reason: OWN_USERS },
  {
    scanner: 'kube-score',
    check: 'pod-probes-identical',
    reason:
      'the two ask the same page and differ in patience: a pod is taken out of its Service at once, and started anew only much later',
  },
  {
    scanner: 'kube-score',
    check: 'horizontalpodautoscaler-replicas',
    objects: ['django-api', 'idaes'],
    reason: 'a minimum of one replica is what the specification of the experiments starts from',
  },
  {
    scanner: 'kube-score',
    check: 'deployment-has-host-podantiaffinity',
    reason: 'topologySpreadConstraints spread the pods over the nodes, which this check does not know',
  },
  {
    scanner: 'kube-score',
    check: 'deployment-replicas',
    objects: ['oauth2-proxy'],
    reason: 'it can run on one node only, the one that reaches the internet',
  },
  {
    scanner: 'kube-score',
    check: 'networkpolicy-targets-pod',
    objects: ['traefik-callers', 'kube-dns-callers'],
    reason: 'the pods are those that K3s itself installs into kube-system, whose manifests are not here',
  },
  {
    scanner: 'kube-score',
    check: 'networkpolicy-targets-pod',
    objects: ['default-deny', 'alloy-metrics', 'alloy-singleton', 'alloy-operator', 'hooks', 'kube-state-metrics'],
    reason: 'the pods are those of the chart k8s-monitoring, which Argo CD renders and not this repository',
  },
];
