import { checkPlatform } from '../../../lib/checks';
import type { PlatformModel } from '../../../lib/constructs/platform-model';
import { EMPTY_MODEL } from '../synthesis/empty-model';

const workload = {
  path: 'workloads/production/web.yaml',
  component: 'web',
  objects: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'web' } }],
};
const application = {
  path: 'argocd/workloads.yaml',
  component: 'workloads',
  objects: [
    {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Application',
      metadata: { name: 'workloads', namespace: 'argocd' },
      spec: { source: { path: 'dist/workloads/production' } },
    },
  ],
};

const of = (rule: string, model: Partial<PlatformModel>) =>
  checkPlatform({ ...EMPTY_MODEL, ...model }, [workload, application])
    .filter((finding) => finding.rule === rule)
    .map(({ object, field, message }) => [object, field, message].filter(Boolean).join(' '));

test('an exception from capacity that covers production is refused, and one of a variant is not', () => {
  const reason = 'A row of the experiments.';
  const exception = (folder: string) => ({
    exceptions: [{ rule: 'pods-fit-the-nodes', object: `${folder}/Deployment/web`, reason, onlyWhereNeeded: true }],
  });
  expect(of('exceptions-spare-production', exception('workloads/production'))).toEqual([
    expect.stringMatching(/covers what runs in production/),
  ]);
  expect(of('exceptions-spare-production', exception('workloads/uor-replicas-8'))).toEqual([]);
});

test('agreements that nothing needs are refused', () => {
  const reviewed = {
    ...EMPTY_MODEL.reviewed,
    administrators: ['HelmChart/kube-system/extra'],
    podSecurity: { shop: 'privileged' as const },
  };
  expect(of('agreements-are-needed', { reviewed })).toEqual([
    expect.stringMatching(/administrators HelmChart\/kube-system\/extra is not rendered/),
    expect.stringMatching(/podSecurity.shop privileged was agreed to, and no level is enforced/),
  ]);
});

test('an Application that passes over a failed Job, and so rolls out what was to wait for it, is refused', () => {
  const folder = (job: object) => [
    { ...workload, objects: [{ apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'tables', ...job } }] },
    { ...workload, objects: [wave({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' } }, '3')] },
  ];
  const found = (job: object, syncOptions: readonly string[]) => {
    const [object] = application.objects;
    const synced = { ...object!, spec: { ...object!.spec, syncPolicy: { syncOptions } } };
    return checkPlatform(EMPTY_MODEL, [...folder(job), { ...application, objects: [synced] }])
      .filter(({ rule }) => rule === 'jobs-are-waited-for')
      .map(({ object: of, field, message }) => [of, field, message].join(' '));
  };
  const outOfSync = ['ServerSideApply=true', 'ApplyOutOfSyncOnly=true'];
  expect(found({}, outOfSync)).toEqual([
    'Application/workloads spec.syncPolicy.syncOptions Job/tables of dist/workloads/production is to be waited for, and ApplyOutOfSyncOnly=true passes over it',
  ]);
  expect(found({}, ['ServerSideApply=true'])).toEqual([]);
  // Nothing comes after it; and hooks are made anew at each sync.
  expect(found({ annotations: { 'argocd.argoproj.io/sync-wave': '3' } }, outOfSync)).toEqual([]);
  expect(found({ annotations: { 'argocd.argoproj.io/hook': 'PreSync' } }, outOfSync)).toEqual([]);
});

function wave<Content extends { metadata: object }>(object: Content, number: string): Content {
  return {
    ...object,
    metadata: { ...object.metadata, annotations: { 'argocd.argoproj.io/sync-wave': number } },
  };
}
