/** An API group (empty for the core group) and a kind. */
export interface ReviewedKind {
  readonly group: string;
  readonly kind: string;
}

/** What one AppProject may be given. */
export interface ReviewedPermissions {
  readonly namespaces: readonly string[];
  readonly namespacedKinds: readonly ReviewedKind[];
  readonly clusterKinds: readonly ReviewedKind[];
}

/**
 * What people have read and agreed to. Synthesis holds what it renders against these lists and never adds to them by
 * itself: what is not listed is refused, and the sentence says which line a reviewer would have to agree to.
 */
export interface ReviewedFacts {
  /** The file that holds the lists, for messages. */
  readonly file: string;
  /** The one git repository and branch that Applications follow. */
  readonly repository: { readonly url: string; readonly branch: string };
  /** What each AppProject is given, by its name. */
  readonly projects: Readonly<Record<string, ReviewedPermissions>>;
  /** Helm repositories that Applications may read. */
  readonly chartRepositories: readonly string[];
  /** `<kind>/<namespace>/<name>` of what acts with the rights of cluster-admin, such as charts that K3s installs. */
  readonly administrators: readonly string[];
  /** Namespaces that need less than the Pod Security Standard `restricted`, with the level they enforce. */
  readonly podSecurity: Readonly<Record<string, 'baseline' | 'privileged'>>;
  /** Addresses of pods and Services as Ansible gives them to K3s, CIDR. */
  readonly networks: { readonly pods: string; readonly services: string };
  /** File names of the archives of charts that Ansible stages for K3s. @default not known */
  readonly stagedCharts?: readonly string[];
  /** Version of K3s that Ansible installs, such as `v1.34.4+k3s1`. */
  readonly clusterVersion: string;
}
