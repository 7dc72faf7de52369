import type { Loose } from '../../../fixtures/loose';
import { permissionsFor } from '../../../argocd/permissions-for';
import { type Case } from './case';
import { find, type SoundPlatform } from '../sound-platform';

export const deliveryCases: readonly Case[] = [
  {
    rule: 'project-permits-what-is-rendered',
    when: 'the project lacks a kind',
    breakIt: (p) => delivered(p, (spec) => spec.namespaceResourceWhitelist.shift()),
    object: 'ConfigMap/web',
    message: /AppProject\/shop does not permit namespaced kind ConfigMap/,
  },
  {
    rule: 'project-permits-what-is-rendered',
    when: 'the project lacks a namespace',
    breakIt: (p) => delivered(p, (spec) => (spec.destinations = [])),
    object: 'ResourceQuota/no-open-ports',
    message: /AppProject\/shop does not permit namespace shop/,
  },
  {
    rule: 'project-permits-no-more',
    when: 'the project lists a kind that nothing is of',
    breakIt: (p) =>
      delivered(p, (spec) =>
        spec.clusterResourceWhitelist.push({ group: 'rbac.authorization.k8s.io', kind: 'ClusterRole' }),
      ),
    object: 'AppProject/shop',
    field: 'spec.clusterResourceWhitelist[4]',
    message: /nothing that is rendered needs cluster-scoped kind ClusterRole.rbac.authorization.k8s.io/,
  },
  {
    rule: 'root-holds-no-kind-of-its-own',
    when: 'the Application that brings the projects brings another kind, too',
    breakIt: (p) => {
      delivered(p, () => undefined);
      find(p, 'Application/platform').spec.source.path = 'dist/argocd';
      const metadata = { name: 'guard', namespace: 'shop' };
      p.files
        .find(({ path }) => path === 'argocd/delivery.yaml')!
        .objects.push({ apiVersion: 'v1', kind: 'ConfigMap', metadata });
    },
    object: 'ConfigMap/guard',
    field: 'kind',
    message: /Application\/platform syncs it together with AppProject\/shop, which must permit it before/,
  },
];

const of = (kind: 'Application/platform' | 'AppProject/shop', change: (spec: Loose) => void) => (p: SoundPlatform) => {
  delivered(p, () => undefined);
  change(find(p, kind).spec);
};

export const applicationCases: readonly Case[] = [
  ...(
    [
      ['path', 'dist/platfrom', /nothing is rendered to "dist\/platfrom"; there are dist\/argocd, dist\/platform/],
      ['targetRevision', 'mian', /"mian" is not the branch main/],
      ['repoURL', 'https://git.example.com/other.git', /is not the repository/],
    ] as const
  ).map(([field, value, message]): Case => ({
    rule: 'applications-lead-to-what-is-rendered',
    when: `the Application has a wrong ${field}`,
    breakIt: of('Application/platform', (spec) => (spec.source[field] = value)),
    object: 'Application/platform',
    field: `spec.source.${field}`,
    message,
  })),
  {
    rule: 'applications-lead-to-what-is-rendered',
    when: 'the cluster is another',
    breakIt: of('Application/platform', (spec) => (spec.destination.server = 'https://192.0.2.1:6443')),
    object: 'Application/platform',
    field: 'spec.destination',
    message: /and only https:\/\/kubernetes\.default\.svc is ours/,
  },
  {
    rule: 'applications-lead-to-what-is-rendered',
    when: 'its project does not permit the repository of its chart',
    breakIt: of('Application/platform', (spec) => {
      spec.source = { chart: 'x', repoURL: 'https://charts.example.com', targetRevision: '1.2.3' };
    }),
    object: 'Application/platform',
    field: 'spec.project',
    message: /AppProject\/shop permits .*, and not https:\/\/charts\.example\.com/,
  },
  {
    rule: 'charts-are-pinned-and-known',
    when: 'a chart is of any version',
    breakIt: of('Application/platform', (spec) => {
      spec.source = { chart: 'x', repoURL: 'https://charts.example.com', targetRevision: '*' };
    }),
    object: 'Application/platform',
    field: 'spec.source.targetRevision',
    message: /"\*" names no single version/,
  },
  {
    rule: 'charts-are-pinned-and-known',
    when: 'a chart comes from a repository that nobody knows',
    breakIt: of('Application/platform', (spec) => {
      spec.source = { chart: 'x', repoURL: 'https://charts.example.net', targetRevision: '1.2.3' };
    }),
    object: 'Application/platform',
    field: 'spec.source.repoURL',
    message: /no repository that was agreed to/,
  },
  {
    rule: 'projects-are-as-agreed',
    when: 'a project grants itself a kind',
    breakIt: of('AppProject/shop', (spec) => {
      spec.clusterResourceWhitelist.push({ group: 'rbac.authorization.k8s.io', kind: 'ClusterRoleBinding' });
    }),
    object: 'AppProject/shop',
    field: 'spec.clusterResourceWhitelist[4]',
    message: /kind ClusterRoleBinding of group "rbac\.authorization\.k8s\.io" is not what was agreed to/,
  },
  {
    rule: 'projects-are-as-agreed',
    when: 'a project reads any repository',
    breakIt: of('AppProject/shop', (spec) => (spec.sourceRepos = ['*'])),
    object: 'AppProject/shop',
    field: 'spec.sourceRepos[0]',
    message: /"\*" is not what was agreed to/,
  },
  {
    rule: 'projects-are-as-agreed',
    when: 'the project of what names none may do something',
    breakIt: (p) => {
      p.model.reviewed.projects.default = { namespaces: ['*'], namespacedKinds: [], clusterKinds: [] };
      of(
        'AppProject/shop',
        (spec) => (spec.destinations = [{ server: 'https://kubernetes.default.svc', namespace: '*' }]),
      )(p);
      find(p, 'AppProject/shop').metadata.name = 'default';
    },
    object: 'AppProject/default',
    field: 'spec.destinations',
    message: /the project of whatever names none/,
  },
  {
    rule: 'differences-are-ignored-where-meant',
    when: 'the branch is left alone',
    breakIt: (p) => {
      const jsonPointers = ['/spec/source/targetRevision'];
      of(
        'Application/platform',
        (spec) => (spec.ignoreDifferences = [{ group: 'argoproj.io', kind: 'Application', jsonPointers }]),
      )(p);
      p.files[0]!.objects.push({
        apiVersion: 'argoproj.io/v1alpha1',
        kind: 'Application',
        metadata: { name: 'child', namespace: 'argocd' },
        spec: { source: { targetRevision: 'main' } },
      });
    },
    object: 'Application/platform',
    field: 'spec.ignoreDifferences[0].jsonPointers[0]',
    message: /is what git decides/,
  },
  {
    rule: 'projects-are-as-agreed',
    when: 'a project syncs at one hour alone',
    breakIt: of('AppProject/shop', (spec) => (spec.syncWindows = [{ kind: 'allow' }])),
    object: 'AppProject/shop',
    field: 'spec.syncWindows',
    message: /syncWindows were never agreed to/,
  },
  {
    rule: 'sync-settings-exist',
    when: 'a sync option is misspelt',
    breakIt: of('Application/platform', (spec) => (spec.syncPolicy.syncOptions = ['PruneLst=true'])),
    object: 'Application/platform',
    field: 'spec.syncPolicy.syncOptions[0]',
    message: /"PruneLst=true" is no sync option/,
  },
  {
    rule: 'sync-settings-exist',
    when: 'a refused commit would count as synced',
    breakIt: (p) =>
      (find(p, 'Service/web').metadata.annotations = {
        'argocd.argoproj.io/compare-options': 'ServerSideDiff=true',
      }),
    object: 'Service/web',
    field: 'metadata.annotations["argocd.argoproj.io/compare-options"]',
    message: /counts as synced, and nobody hears of it/,
  },
  {
    rule: 'sync-settings-exist',
    when: 'a wave is no number',
    breakIt: (p) => (find(p, 'Service/web').metadata.annotations = { 'argocd.argoproj.io/sync-wave': 'two' }),
    object: 'Service/web',
    field: 'metadata.annotations["argocd.argoproj.io/sync-wave"]',
    message: /the wave "two" is not a whole number/,
  },
  ...(
    [
      [
        'it keeps no revisions',
        (spec) => (spec.revisionHistoryLimit = -10),
        'revisionHistoryLimit',
        /-10 revisions are kept/,
      ],
      ['nothing is tried again', (spec) => delete spec.syncPolicy.retry, 'syncPolicy.retry', /not tried again/],
      [
        'it is tried again 0 times',
        (spec) => (spec.syncPolicy.retry.limit = 0),
        'syncPolicy.retry.limit',
        /again 0 times/,
      ],
      [
        'pauses become none',
        (spec) => (spec.syncPolicy.retry.backoff.factor = 0),
        'syncPolicy.retry.backoff.factor',
        /0 times the last one/,
      ],
      [
        'the longest pause is the shortest',
        (spec) => (spec.syncPolicy.retry.backoff.maxDuration = '3s'),
        'syncPolicy.retry.backoff.maxDuration',
        /3s, is shorter than the first, 10s/,
      ],
    ] as [string, (spec: Loose) => void, string, RegExp][]
  ).map(([when, change, field, message]): Case => ({
    rule: 'syncs-are-tried-again',
    when,
    breakIt: of('Application/platform', change),
    object: 'Application/platform',
    field: `spec.${field}`,
    message,
  })),
  ...(
    [
      [
        'the pointer is none',
        { kind: 'Deployment', group: 'apps', jsonPointers: ['spec.replicas'] },
        '.jsonPointers[0]',
        /"spec.replicas" is no JSON pointer/,
      ],
      [
        'the field is not there',
        { kind: 'Deployment', group: 'apps', jsonPointers: ['/spec/replicass'] },
        '.jsonPointers[0]',
        /has no field \/spec\/replicass/,
      ],
      [
        'more than a field is left alone',
        { kind: 'Deployment', group: 'apps', jsonPointers: ['/spec/template'] },
        '.jsonPointers[0]',
        /\/spec\/template of Deployment\/\S+ is more than one field/,
      ],
      [
        'the kind is misspelt',
        { kind: 'Deployments', group: 'apps', jsonPointers: ['/spec'] },
        '',
        /holds no Deployments of group "apps"/,
      ],
      [
        'the group has a version',
        { kind: 'Deployment', group: 'apps/v1', jsonPointers: ['/spec'] },
        '.group',
        /group with a version/,
      ],
    ] as [string, object, string, RegExp][]
  ).map(([when, entry, field, message]): Case => ({
    rule: 'differences-are-ignored-where-meant',
    when,
    breakIt: of('Application/platform', (spec) => (spec.ignoreDifferences = [entry])),
    object: 'Application/platform',
    field: `spec.ignoreDifferences[0]${field}`,
    message,
  })),
  {
    rule: 'applications-are-in-order',
    when: 'the workloads come before the platform',
    breakIt: (p) => {
      delivered(p, () => undefined);
      find(p, 'Application/platform').metadata.annotations = { 'argocd.argoproj.io/sync-wave': '3' };
    },
    object: 'Application/workloads',
    message: /of wave 1 and needs Application\/platform of wave 3 first/,
  },
];

/** Adds an Application of the platform's tree and a project that permits exactly that tree, then changes the project. */
function delivered(platform: SoundPlatform, change: (spec: Loose) => void): void {
  const permitted = permissionsFor(platform.files.flatMap(({ objects }) => objects));
  const spec = {
    clusterResourceWhitelist: [...permitted.clusterKinds],
    namespaceResourceWhitelist: [...permitted.namespacedKinds],
    destinations: permitted.namespaces.map((namespace) => ({ namespace, server: 'https://kubernetes.default.svc' })),
  };
  change(spec);
  const { url: repoURL, branch: targetRevision } = platform.model.reviewed.repository;
  const destination = { server: 'https://kubernetes.default.svc', namespace: 'shop' };
  const retry = { limit: 5, backoff: { duration: '10s', factor: 2, maxDuration: '3m' } };
  const syncPolicy = { automated: { prune: true, selfHeal: true }, retry };
  const common = { project: 'shop', destination, syncPolicy };
  const application = { ...common, source: { repoURL, targetRevision, path: 'dist/platform' } };
  const variants = { ...common, source: { repoURL, targetRevision, path: 'dist/workloads/production' } };
  const argo = (kind: string, name: string, content: object) => ({
    apiVersion: 'argoproj.io/v1alpha1',
    kind,
    metadata: {
      name,
      namespace: 'argocd',
      annotations: { 'argocd.argoproj.io/sync-wave': kind === 'AppProject' ? '-1' : name === 'workloads' ? '1' : '0' },
    },
    spec: content,
  });
  platform.model.reviewed.projects.shop = structuredClone(permitted);
  platform.model.trees.push({ directory: 'argocd', app: undefined });
  platform.files.push({
    path: 'argocd/delivery.yaml',
    component: 'delivery',
    objects: [
      argo('Application', 'platform', application),
      argo('Application', 'workloads', variants),
      argo('AppProject', 'shop', spec),
    ],
  });
}
