import { ApiObject, Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import { k8s } from '../lib/constructs/typed-kinds';
import { internet, tcp, udp, type Endpoint, type EndpointPort, type Peer } from '../lib/constructs/network/endpoint';
import type { ChartPods } from '../lib/constructs/platform-model';
import { toPolicyPeers, toPorts } from '../lib/constructs/network/network-policies';

/** Where the machines and the cluster's own networks are. */
export interface ClusterAddresses {
  /** Address of the node that runs the API server. */
  readonly server: string;
  /** Networks or addresses of the nodes, CIDR. */
  readonly nodes: readonly string[];
  /** Network of the pods, CIDR. */
  readonly podNetwork: string;
  /** Public name servers, by address. */
  readonly outsideNameServers: readonly string[];
}

/** Helm's name of the release; the chart puts it before the names of its objects. */
export const MONITORING_RELEASE = 'k8s-monitoring';

/** The one account of the chart whose pods look at the host itself. */
const HOST_READER = `${MONITORING_RELEASE}-node-exporter`;

/** What node-exporter mounts, read-only. */
const READ_FOLDERS = ['/proc', '/sys', '/'];

/** One file of `dist/monitoring/`: what pods of monitoring may do to their host, and with whom they may talk. */
export class MonitoringGuards extends Chart {
  constructor(
    scope: Construct,
    name: string,
    props: { readonly namespace: string; readonly addresses: ClusterAddresses },
  ) {
    super(scope, name, { disableResourceNameHashes: true });
    hostGuard(this, props.namespace);
    monitoringPolicies(this, props.namespace, props.addresses);
  }
}

/**
 * What pods of the monitoring namespace may do to the hosts. Pod Security Standards know namespaces alone, and node-exporter
 * needs its host, so the namespace is `privileged` and this policy says the rest: no other pod touches its host, and
 * node-exporter reads three folders and is not root. Alloy has the chart's capabilities (`baseline` lacks NET_RAW alone).
 * Source: https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/.
 */
function hostGuard(chart: Chart, namespace: string): void {
  const name = `${namespace}-hosts`;
  new ApiObject(chart, 'host-guard', {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        ...EVERY_OBJECT,
        namespaceSelector: {},
        resourceRules: [
          {
            apiGroups: [''],
            apiVersions: ['v1'],
            operations: ['CREATE', 'UPDATE'],
            resources: ['pods', 'pods/ephemeralcontainers'],
            scope: '*',
          },
        ],
      },
      variables: VARIABLES,
      validations: VALIDATIONS,
    },
  });
  new ApiObject(chart, 'host-guard-binding', {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name },
    spec: {
      policyName: name,
      validationActions: ['Deny'],
      matchResources: {
        ...EVERY_OBJECT,
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
      },
    },
  });
}

/** What the API server would fill in, so that Argo CD never sees a difference. */
const EVERY_OBJECT = { matchPolicy: 'Equivalent', objectSelector: {} };

const VARIABLES = [
  { name: 'readsHost', expression: `object.spec.?serviceAccountName.orValue('') == '${HOST_READER}'` },
  {
    name: 'containers',
    expression:
      'object.spec.containers + object.spec.?initContainers.orValue([]) + object.spec.?ephemeralContainers.orValue([])',
  },
  { name: 'hostFolders', expression: 'object.spec.?volumes.orValue([]).filter(volume, has(volume.hostPath))' },
];

/** Capabilities of the `baseline` standard, and NET_RAW, which the chart gives to Alloy. */
const CAPABILITIES = [
  ...['AUDIT_WRITE', 'CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'MKNOD', 'NET_BIND_SERVICE', 'NET_RAW'],
  ...['SETFCAP', 'SETGID', 'SETPCAP', 'SETUID', 'SYS_CHROOT'],
];

/** Each message says what to do, since the person who reads it sees it beside a pod that is not made. */
const VALIDATIONS = [
  {
    expression:
      'variables.readsHost || !(object.spec.?hostNetwork.orValue(false) || object.spec.?hostPID.orValue(false))',
    message: `only pods of ${HOST_READER} may join the network and the processes of their host; leave out hostNetwork and hostPID`,
  },
  {
    expression: 'variables.hostFolders.size() == 0 || variables.readsHost',
    message: `only pods of ${HOST_READER} may mount folders of their host; leave out hostPath`,
  },
  {
    expression: `variables.hostFolders.all(volume, volume.hostPath.path in ${JSON.stringify(READ_FOLDERS)})`,
    message: `of their host, pods mount ${READ_FOLDERS.join(', ')} alone; leave out the others`,
  },
  {
    expression:
      'variables.containers.all(container, container.?volumeMounts.orValue([]).all(mount, mount.?readOnly.orValue(false) || !variables.hostFolders.exists(volume, volume.name == mount.name)))',
    message: 'folders of the host are read alone; mount them with readOnly: true',
  },
  {
    expression: 'variables.containers.all(container, !container.?securityContext.?privileged.orValue(false))',
    message: 'no container here may be privileged; leave out privileged',
  },
  {
    expression: `variables.containers.all(container, container.?securityContext.?capabilities.?add.orValue([]).all(capability, capability in ${JSON.stringify(CAPABILITIES)} && !variables.readsHost))`,
    message:
      'a capability beyond those of the baseline standard and NET_RAW is added, or one to node-exporter; leave it out',
  },
  {
    // What a container says of itself counts, whatever its pod says.
    expression:
      '!variables.readsHost || variables.containers.all(container, container.?securityContext.?runAsNonRoot.orValue(object.spec.?securityContext.?runAsNonRoot.orValue(false)))',
    message: `whoever reads the host is not root; give pods of ${HOST_READER}, and no less their containers, runAsNonRoot: true`,
  },
  {
    expression: '!object.spec.?hostIPC.orValue(false)',
    message: 'no pod here shares the memory of its host; leave out hostIPC',
  },
  {
    expression: [
      "[object.spec.?securityContext.?seccompProfile.?type.orValue(''), object.spec.?securityContext.?appArmorProfile.?type.orValue('')].all(type, type != 'Unconfined')",
      "variables.containers.all(container, [container.?securityContext.?seccompProfile.?type.orValue(''), container.?securityContext.?appArmorProfile.?type.orValue('')].all(type, type != 'Unconfined') && container.?securityContext.?procMount.orValue('Default') == 'Default')",
    ].join(' && '),
    message:
      'a container goes without seccomp, AppArmor or the mask over /proc; leave out Unconfined, and procMount: Unmasked',
  },
  {
    expression:
      'variables.readsHost || variables.containers.all(container, container.?ports.orValue([]).all(port, port.?hostPort.orValue(0) == 0))',
    message: 'a port of the host is opened; leave out hostPort',
  },
];

/**
 * Who may talk to whom in the monitoring namespace: what the chart's pods do with the platform's values. No policy reaches
 * node-exporter's pods, in their host's network; nobody asks the cluster's own name server.
 */
function monitoringPolicies(chart: Chart, namespace: string, addresses: ClusterAddresses): void {
  const policy = (name: string, spec: k8s.NetworkPolicySpec) =>
    new k8s.KubeNetworkPolicy(chart, `${name}-policy`, { metadata: { name, namespace }, spec });
  const egress = (name: string, pods: Peer['pods'], ...to: readonly Endpoint[]) =>
    policy(name, {
      podSelector: { matchLabels: { ...pods } },
      policyTypes: ['Ingress', 'Egress'],
      egress: to.map((endpoint) => ({ to: toPolicyPeers(endpoint.peer), ports: toPorts(endpoint) })),
    });
  const outside = (
    name: string,
    include: readonly string[],
    ports: readonly EndpointPort[],
    except?: readonly string[],
  ) => ({ peer: { name, addresses: { include, except } }, ports }) satisfies Endpoint;
  const apiServer = outside('api-server', [`${addresses.server}/32`], tcp(6443));
  const grafanaCloud = internet('grafana-cloud', tcp(443));
  const names = [
    outside(
      'name-servers',
      addresses.outsideNameServers.map((address) => `${address}/32`),
      DNS,
    ),
    outside('resolver-of-the-uplink', ['172.16.0.0/12', '192.168.0.0/16'], DNS),
    outside('resolver-of-the-uplink', ['10.0.0.0/8'], DNS, [addresses.podNetwork]),
  ];
  policy('default-deny', { podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
  egress(
    'alloy-metrics',
    ALLOY_METRICS,
    apiServer,
    // The kubelet with cAdvisor, and node-exporter.
    outside('nodes', addresses.nodes, tcp(10250, 9100)),
    { peer: { name: 'kube-state-metrics', pods: STATE_METRICS }, ports: tcp(8080) },
    grafanaCloud,
    ...names,
  );
  egress('alloy-singleton', ALLOY_SINGLETON, apiServer, grafanaCloud, ...names);
  egress('alloy-operator', ALLOY_OPERATOR, apiServer);
  // The jobs of Helm's hooks, which patch the operator.
  egress('hooks', HOOKS, apiServer);
  policy('kube-state-metrics', {
    podSelector: { matchLabels: STATE_METRICS },
    policyTypes: ['Ingress', 'Egress'],
    ingress: [
      {
        from: toPolicyPeers({ name: 'alloy-metrics', pods: ALLOY_METRICS }),
        ports: toPorts({ ports: tcp(8080) }),
      },
    ],
    egress: [{ to: toPolicyPeers(apiServer.peer), ports: toPorts(apiServer) }],
  });
}

/** The chart's pods, by the label that its templates give them (chart 3.7.5, and the charts of Alloy and of what it brings). */
const named = (name: string) => ({ 'app.kubernetes.io/name': name });
const ALLOY_METRICS = named('alloy-metrics');
const ALLOY_SINGLETON = named('alloy-singleton');
const ALLOY_OPERATOR = named('alloy-operator');
const STATE_METRICS = named('kube-state-metrics');
const HOOKS = named(MONITORING_RELEASE);
const DNS = [...udp(53), ...tcp(53)];

/** Pods that the chart makes in its namespace, those in their host's network left out. */
export function monitoringPods(namespace: string): ChartPods[] {
  return [ALLOY_METRICS, ALLOY_SINGLETON, ALLOY_OPERATOR, STATE_METRICS, HOOKS].map((labels) => ({
    namespace,
    labels,
  }));
}
