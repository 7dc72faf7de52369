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

const alert = (expr: string, time = '5m') => {
  const content = JSON.stringify({ groups: [{ rules: [{ alert: 'Late', expr, for: time }] }] });
  return { files: [{ path: 'alerts/rules.yaml', content }] };
};

test.each([
  ['a name that is not there', alert('kube_cronjob_created{cronjob="backup"}'), /Late expr there is no CronJob backup/],
  ['one of several', alert('x{deployment=~"web|api"}'), /there is no Deployment web/],
  ['a bracket too few', alert('absent(up{job="a"}'), /a \( has no partner/],
  ['a duration that is none', alert('up == 0', '5 min'), /Late for "5 min" is no duration/],
])('an alert with %s is refused', (_, model, message) => {
  expect(of('alerts-can-fire', model)[0]).toMatch(message);
});

test('alerts that can fire are agreed to', () => {
  expect(
    of('alerts-can-fire', alert('rate(up{job=~"a|b",path!="web"}[5m]) > 0.5 and on() (vector(1))', '1h30m')),
  ).toEqual([]);
});

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
