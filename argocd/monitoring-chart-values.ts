/**
 * Values of Grafana's Helm chart k8s-monitoring, as far as the platform sets them, by its documentation
 * (charts/k8s-monitoring/docs of grafana/k8s-monitoring-helm, chart 3.x): the compiler catches a misspelt value, not one of
 * another meaning in a later chart.
 */
export interface MonitoringValues {
  readonly cluster: { readonly name: string };
  readonly global: { readonly scrapeInterval: string };
  readonly destinations: readonly (PrometheusDestination | LokiDestination)[];
  readonly clusterMetrics: {
    readonly enabled: true;
    readonly 'kube-state-metrics': Component & {
      readonly nodeSelector: NodeSelector;
      /** Kinds that it reads, and is given the right to. The chart's own list has Secrets, with all that is in them. */
      readonly collectors: readonly string[];
      readonly metricsTuning: { readonly useDefaultAllowList: boolean; readonly includeMetrics: readonly string[] };
      /** Metrics of custom resources, and the rights to read them. */
      readonly customResourceState: { readonly enabled: boolean; readonly config: object };
      readonly rbac: { readonly extraRules: readonly object[] };
    };
    readonly 'node-exporter': Component & {
      readonly metricsTuning: {
        readonly useDefaultAllowList: boolean;
        readonly includeMetrics: readonly string[];
        /** File system types whose metrics are dropped. */
        readonly dropMetricsForFilesystem: readonly string[];
      };
      /** Rule blocks of Alloy's prometheus.relabel, applied to scraped metrics. */
      readonly extraMetricProcessingRules: string;
    };
    readonly cadvisor: {
      readonly metricsTuning: {
        /** Expressions of devices whose `container_fs_*` stay, without `/dev/`. */
        readonly keepPhysicalFilesystemDevices: readonly string[];
      };
    };
    /** Parts that stay off: their images are not listed, and what they need nobody has agreed to (facts/permissions.ts). */
    readonly 'windows-exporter': { readonly enabled: false; readonly deploy: false };
    readonly opencost: { readonly enabled: false };
    readonly kepler: { readonly enabled: false };
  };
  /** Both go through the one collector of logs. */
  readonly clusterEvents: LogFeature;
  readonly podLogsViaKubernetesApi: LogFeature;
  /** An Alloy on each node, which from an airgapped one reaches nobody. */
  readonly podLogs: { readonly enabled: false };
  readonly 'alloy-metrics': Collector & { readonly extraConfig: string };
  readonly 'alloy-singleton': Collector;
  /** Objects that the chart makes as they are. */
  readonly extraObjects: readonly object[];
}

interface LogFeature {
  readonly enabled: boolean;
  readonly collector: 'alloy-singleton';
  readonly destinations: readonly string[];
}

/** One Alloy, on the node that reaches the internet. */
export interface Collector {
  readonly enabled: true;
  readonly controller: {
    readonly replicas: number;
    readonly nodeSelector: NodeSelector;
    readonly dnsPolicy: 'Default';
  };
  readonly alloy: { readonly resources: ResourceRequirements; readonly clustering: { readonly enabled: false } };
  /** What its account may do in every namespace; by the chart's own list it reads all Secrets. */
  readonly rbac: { readonly rules: readonly RbacRule[] };
}

export interface RbacRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

type NodeSelector = Readonly<Record<string, string>>;

interface Component {
  readonly enabled: true;
  readonly deploy: true;
}

/** Kubernetes quantities, such as `100m` and `256Mi`. */
export interface ResourceRequirements {
  readonly requests: { readonly cpu: string; readonly memory: string };
  readonly limits: { readonly memory: string };
}

interface Destination {
  readonly name: string;
  readonly url: string;
  readonly auth: { readonly type: 'basic'; readonly usernameKey: string; readonly passwordKey: string };
  /** The Secret that holds the credentials; never created by the chart. */
  readonly secret: { readonly create: false; readonly name: string; readonly namespace: string };
}

interface PrometheusDestination extends Destination {
  readonly type: 'prometheus';
}

interface LokiDestination extends Destination {
  readonly type: 'loki';
}

export interface SecretName {
  readonly name: string;
  readonly namespace: string;
}
