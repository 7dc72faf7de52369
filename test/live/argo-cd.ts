import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { must } from './command';
import type { Manifest } from './add-ons';

const MODULE = 'github.com/argoproj/argo-cd/v3';

/** Values of the platform's HelmChart of Argo CD, as far as they reach the parts that run here. */
interface Values {
  readonly global: { readonly image?: { readonly tag?: string }; readonly nodeSelector?: Record<string, string> };
  readonly configs: {
    readonly cm?: Record<string, string>;
    readonly params?: Record<string, string>;
    readonly rbac?: Record<string, string>;
  };
  readonly controller?: Part;
  readonly repoServer?: Part;
  readonly redis?: Part & { readonly image?: { readonly repository?: string; readonly tag?: string } };
}
interface Part {
  readonly resources?: object;
  readonly nodeSelector?: Record<string, string>;
  readonly tolerations?: object[];
  readonly dnsConfig?: object;
}

/** The folder of Argo CD's source in Go's module cache; its version is the one that `tools/argo-cd/go.mod` pins. */
export async function argoCdSource(): Promise<string> {
  const folder = await must('go', ['list', '-mod=readonly', '-m', '-f', '{{.Dir}}', MODULE], {
    cwd: join(__dirname, '..', '..', 'tools', 'argo-cd'),
    env: { GOFLAGS: '', GOWORK: 'off' },
  });
  if (folder.trim()) return folder.trim();
  const said = await must('go', ['mod', 'download', '-json', MODULE], {
    cwd: join(__dirname, '..', '..', 'tools', 'argo-cd'),
  });
  return (JSON.parse(said) as { Dir: string }).Dir;
}

/** Argo CD as its own manifests install it (`manifests/core-install.yaml` of its source), read from the cache of Go modules. */
export async function upstreamManifests(): Promise<Manifest[]> {
  const file = join(await argoCdSource(), 'manifests', 'core-install.yaml');
  return parseAllDocuments(readFileSync(file, 'utf8')).map((document) => document.toJS() as Manifest);
}

/** The workloads' names in Argo CD's manifests, and the part of the Helm chart's values that is theirs. */
const PARTS = {
  'argocd-application-controller': 'controller',
  'argocd-repo-server': 'repoServer',
  'argocd-redis': 'redis',
} as const;

/**
 * Argo CD's own manifests with the values of the platform's HelmChart (already fitted to this machine) merged in: what K3s'
 * helm-controller would make of the chart, ApplicationSets left out as the values say.
 */
export function argoCdManifests(upstream: readonly Manifest[], chart: Manifest): Manifest[] {
  const values = parse(chart['spec'].valuesContent as string) as Values;
  const data: Record<string, Record<string, string> | undefined> = {
    'argocd-cm': values.configs.cm,
    'argocd-cmd-params-cm': values.configs.params,
    'argocd-rbac-cm': values.configs.rbac,
  };
  return (
    upstream
      // The chart's network policies are others than these, and are not rendered here.
      .filter(({ kind, metadata }) => kind !== 'NetworkPolicy' && !metadata.name.includes('applicationset-controller'))
      .map((manifest) => {
        const copy = structuredClone(manifest) as Manifest;
        if (copy.kind !== 'CustomResourceDefinition' && !copy.kind.startsWith('Cluster'))
          copy.metadata.namespace = 'argocd';
        const settings = copy.kind === 'ConfigMap' ? data[copy.metadata.name] : undefined;
        if (settings) copy['data'] = { ...copy['data'], ...settings };
        const part = PARTS[copy.metadata.name as keyof typeof PARTS];
        if (part && ['Deployment', 'StatefulSet'].includes(copy.kind))
          mergePart(copy['spec'].template.spec, values, part);
        return copy;
      })
  );
}

/** Images that the manifests name, for the image store: Argo CD's own and its Redis'. */
export function argoCdImages(manifests: readonly Manifest[]): { readonly argocd: string; readonly redis: string } {
  const imageOf = (name: string) =>
    manifests.find(({ kind, metadata }) => ['Deployment', 'StatefulSet'].includes(kind) && metadata.name === name)![
      'spec'
    ].template.spec.containers[0].image as string;
  return { argocd: imageOf('argocd-application-controller'), redis: imageOf('argocd-redis') };
}

function mergePart(pod: Manifest['spec'], values: Values, name: (typeof PARTS)[keyof typeof PARTS]): void {
  const part: Part = values[name] ?? {};
  pod.nodeSelector = { ...pod.nodeSelector, ...values.global.nodeSelector, ...part.nodeSelector };
  if (part.tolerations) pod.tolerations = part.tolerations;
  if (part.dnsConfig) pod.dnsConfig = part.dnsConfig;
  if (part.resources) pod.containers[0].resources = part.resources;
  for (const container of [...pod.containers, ...(pod.initContainers ?? [])]) {
    // Argo CD's manifests ask the registry for every start; the chart's do not.
    container.imagePullPolicy = 'IfNotPresent';
    if (values.global.image?.tag && container.image.includes('/argocd:'))
      container.image = container.image.replace(/:[^:]+$/, `:${values.global.image.tag.split('@')[0]}`);
  }
  const { repository, tag = pod.containers[0].image.split(':').at(-1) as string } = values.redis?.image ?? {};
  if (name === 'redis' && repository) pod.containers[0].image = `${repository}:${tag.split('@')[0]}`;
}
