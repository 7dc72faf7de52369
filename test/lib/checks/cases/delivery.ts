import { permissionsFor } from '../../../../argocd/permitted-kinds';
import { type Case } from './case';
import { type SoundPlatform } from '../sound-platform';

/* eslint-disable @typescript-eslint/no-explicit-any -- tests reach into objects to break them */

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
    field: 'spec.clusterResourceWhitelist[3]',
    message: /nothing that is rendered needs cluster-scoped kind ClusterRole.rbac.authorization.k8s.io/,
  },
];

/** Adds an Application of the platform's tree and a project that permits exactly that tree, then changes the project. */
function delivered(platform: SoundPlatform, change: (spec: any) => void): void {
  const permitted = permissionsFor(platform.files.flatMap(({ objects }) => objects));
  const spec = {
    clusterResourceWhitelist: [...permitted.clusterKinds],
    namespaceResourceWhitelist: [...permitted.namespacedKinds],
    destinations: permitted.namespaces.map((namespace) => ({ namespace })),
  };
  change(spec);
  const application = { project: 'shop', source: { path: 'dist/platform' } };
  const variants = { project: 'shop', source: { path: 'dist/workloads/production' } };
  const argo = (kind: string, name: string, content: object) => ({
    apiVersion: 'argoproj.io/v1alpha1',
    kind,
    metadata: { name, namespace: 'argocd' },
    spec: content,
  });
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
