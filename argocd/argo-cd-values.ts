import type { ResourceRequirements } from './monitoring-chart-values';
import { versions } from '../facts/chart-versions';

/**
 * Values of the Helm chart argo-cd (argoproj/argo-helm), as far as the platform sets them. The chart has no schema that
 * could be read here; the field names are those of its values.yaml, chart 9.x.
 */
export interface ArgoCdValues {
  readonly global: {
    readonly image: { readonly tag: string };
    readonly nodeSelector: Readonly<Record<string, string>>;
    readonly networkPolicy: { readonly create: boolean; readonly defaultDenyIngress: boolean };
  };
  readonly configs: {
    readonly cm: Readonly<Record<string, string>>;
    readonly params: Readonly<Record<string, string>>;
    readonly rbac: Readonly<Record<string, string>>;
  };
  readonly controller: ComponentValues;
  /** Parts that the platform does without: their pods are not counted, and their images not listed. */
  readonly server: { readonly replicas: 0 };
  readonly repoServer: ComponentValues & { readonly dnsConfig: { readonly nameservers: readonly string[] } };
  readonly redis: ComponentValues & { readonly image: { readonly repository: string } };
  readonly applicationSet: { readonly replicas: 0 };
  readonly dex: { readonly enabled: false };
  readonly notifications: { readonly enabled: false };
}

interface ComponentValues {
  readonly resources: ResourceRequirements;
  readonly nodeSelector?: Readonly<Record<string, string>>;
}

const mebibytes = (request: number, limit: number, cpu: string): ResourceRequirements => ({
  requests: { cpu, memory: `${request}Mi` },
  limits: { memory: `${limit}Mi` },
});

/**
 * Argo CD without the parts that the platform does not use, about 0.4 cores and 0.5 GiB requested in all.
 *
 * @param uplinkNode the node that reaches the internet: only from there can the repository be polled
 * @param outsideNameServers asked by the repo server, which runs there, for names that the cluster's own cannot answer
 */
export function argoCdValues(uplinkNode: string, outsideNameServers: readonly string[]): ArgoCdValues {
  return {
    global: {
      image: { tag: versions.argoCdImage },
      nodeSelector: { 'kubernetes.io/arch': 'arm64' },
      // The chart's own policies: nobody but its parts reaches Redis and the repo server, and nothing else is open.
      networkPolicy: { create: true, defaultDenyIngress: true },
    },
    configs: {
      cm: {
        // Three minutes, without the jitter of one more that is the default.
        'timeout.reconciliation': '180s',
        'timeout.reconciliation.jitter': '0s',
        'users.anonymous.enabled': 'false',
        // The way in is the core mode of its command line, with a kubeconfig of least rights: docs/how-to/reach-the-cluster.md.
        'admin.enabled': 'false',
        'application.resourceTrackingMethod': 'annotation',
        // No manifest here holds a status. Left out of the comparison, as by default, RespectIgnoreDifferences copies the
        // live one into what is applied, and the root Application would write outdated statuses over and over.
        'resource.compareoptions': 'ignoreResourceStatusField: none\n',
        ...healthChecks,
      },
      params: {
        // A sync that waits for something that never becomes healthy would hold up the commit that fixes it. A sync that
        // was given up is not tried again before the next commit, so this is longer than a first installation may take.
        'controller.sync.timeout.seconds': '1800',
        'controller.status.processors': '4',
        'controller.operation.processors': '2',
        'reposerver.parallelism.limit': '1',
      },
      // Who signs in but has no role may see nothing.
      rbac: { 'policy.default': '' },
    },
    controller: { resources: mebibytes(256, 512, '250m') },
    // Nobody can sign in, so nothing need listen: the command line's core mode asks the API server of Kubernetes.
    server: { replicas: 0 },
    repoServer: {
      resources: mebibytes(192, 512, '100m'),
      nodeSelector: { 'kubernetes.io/arch': 'arm64', 'kubernetes.io/hostname': uplinkNode },
      // CoreDNS may run on any node, and asks that node's resolver: on an airgapped one it refuses github.com.
      dnsConfig: { nameservers: outsideNameServers },
    },
    redis: {
      // The chart's own choice is a registry that the image mirror does not serve; this one has the same image and tags.
      image: { repository: 'docker.io/library/redis' },
      resources: mebibytes(64, 128, '50m'),
    },
    applicationSet: { replicas: 0 },
    dex: { enabled: false },
    notifications: { enabled: false },
  };
}

/**
 * Health of kinds where Argo CD's own judgement is missing or would hold up a sync wave.
 * Source: https://argo-cd.readthedocs.io/en/stable/operator-manual/health/#custom-health-checks.
 */
const healthChecks: Readonly<Record<string, string>> = {
  // An Application is as healthy as what it syncs: without this the root Application never waits for a wave. The root
  // Application holds itself and would wait for its own health, so it counts as healthy.
  'resource.customizations.health.argoproj.io_Application': [
    'if obj.metadata.name == "root" then',
    '  return { status = "Healthy", message = "holds itself" }',
    'end',
    'hs = { status = "Progressing", message = "" }',
    'if obj.status ~= nil and obj.status.health ~= nil then',
    '  hs.status = obj.status.health.status or hs.status',
    '  hs.message = obj.status.health.message or hs.message',
    'end',
    'return hs',
  ].join('\n'),
  // A claim whose class waits for its first consumer is Pending until, say, the nightly backup runs for the first time.
  'resource.customizations.health.PersistentVolumeClaim': [
    'if obj.status ~= nil and obj.status.phase == "Lost" then',
    '  return { status = "Degraded", message = "the volume of this claim is gone" }',
    'end',
    'if obj.status ~= nil and obj.status.phase == "Bound" then',
    '  return { status = "Healthy", message = "bound" }',
    'end',
    'return { status = "Healthy", message = "waits for its first consumer" }',
  ].join('\n'),
};
