import { compare } from '../../../lib/synthesis/difference';
import { toYaml } from '../../../lib/synthesis/yaml';
import { container, dist, DROP, edited, type Editable } from './objects/edited-dist';

/* Changes of one object of dist/, what must lead when they are read, and that the way back is not told as the same. */

/** Changes whose way back is a change of the same sort. */
const BOTH_WAYS = ['a policy is for other pods', 'middlewares stand in another order'];

const NETWORK = 'platform/network.yaml';
const GATEWAY = 'platform/gateway.yaml';
const POSTGRES = 'platform/postgres.yaml';
const PROXY = 'platform/oauth2-proxy.yaml';
const HPA = 'workloads/production/django-api.yaml';
const CHAIN = 'traefik.ingress.kubernetes.io/router.middlewares';
const WAVE = 'argocd.argoproj.io/sync-wave';

test.each<[change: string, path: string, label: string, edit: (object: Editable) => unknown, effect: string, sentence: RegExp]>([
  ['a Service stands for other pods', 'platform/django-api.yaml', 'Service/django-api', ({ spec }) => (spec.selector = { app: 'other' }), 'stops', /^it stands for the pods app=other, instead of name=django-api/],
  ['a Service answers on another port', 'platform/django-api.yaml', 'Service/django-api', ({ spec }) => (spec.ports[0].port = 81), 'stops', /^nothing answers on TCP 8000 any more/],
  ['a Service leads to another port of its pods', 'platform/django-api.yaml', 'Service/django-api', ({ spec }) => (spec.ports[0].targetPort = 9), 'stops', /leads to port 9 of its pods, instead of/],
  ['a Service leads out of the cluster', 'platform/django-api.yaml', 'Service/django-api', ({ spec }) => Object.assign(spec, { type: 'ExternalName', externalName: 'elsewhere.example.org' }), 'way-in', /out of the cluster, to elsewhere\.example\.org/],
  ['a policy goes', NETWORK, 'NetworkPolicy/pgbouncer', () => DROP, 'stops', /^its pods are cut off/],
  ['a caller is let in no longer', NETWORK, 'NetworkPolicy/pgbouncer', ({ spec }) => (spec.ingress = []), 'stops', /^it no longer lets in pods name=django-api, on TCP 6432/],
  ['a policy is for other pods', NETWORK, 'NetworkPolicy/pgbouncer', ({ spec }) => (spec.podSelector = { matchLabels: { app: 'other' } }), 'way-in', /selects other pods/],
  ['a host moves', GATEWAY, 'Ingress/api', ({ spec }) => (spec.rules[0].host = 'moved.example.org'), 'way-in', /^moved\.example\.org\/ opens django-api to the internet/],
  ['a path goes', GATEWAY, 'Ingress/front-end', ({ spec }) => spec.rules[0].http.paths.pop(), 'stops', /answers 404 from now on$/],
  ['middlewares stand in another order', GATEWAY, 'Ingress/api', ({ metadata }) => (metadata.annotations[CHAIN] = metadata.annotations[CHAIN].split(',').reverse().join(',')), 'stops', /pass its middlewares in another order/],
  ['pages from anywhere may call', GATEWAY, 'Middleware/django-cors', ({ spec }) => (spec.headers.accessControlAllowOriginList = ['*']), 'way-in', /lets pages of \* call it/],
  ['what a request says of itself is believed', GATEWAY, 'Middleware/oauth-forwarder', ({ spec }) => (spec.forwardAuth.trustForwardHeader = true), 'way-in', /trustForwardHeader/],
  ['a host is served without encryption', GATEWAY, 'Ingress/front-end', ({ metadata }) => (metadata.annotations['traefik.ingress.kubernetes.io/router.entrypoints'] = 'web'), 'way-in', /on the entry point web, instead of the entry point websecure/],
  ['another gateway is asked to serve', GATEWAY, 'Ingress/front-end', ({ spec }) => (spec.ingressClassName = 'other'), 'stops', /of the class traefik serve its hosts no longer/],
  ['who may sign in, by an argument', PROXY, 'Deployment/oauth2-proxy', (one) => container(one).args.push('--skip-auth-route=.*'), 'sign-in', /skip_auth_route goes from unset to \.\*/],
  ['who may sign in, by a variable', PROXY, 'Deployment/oauth2-proxy', (one) => container(one).env.push({ name: 'OAUTH2_PROXY_EMAIL_DOMAINS', value: '*' }), 'sign-in', /email_domains goes from unset to \*/],
  ['who may sign in, by the file', PROXY, 'ConfigMap/oauth2-proxy-config', ({ data }) => (data['oauth2-proxy.cfg'] += 'email_domains = ["*"]\n'), 'sign-in', /email_domains goes from unset to \["\*"\]/],
  ['a database of another major version', POSTGRES, 'StatefulSet/postgres', (one) => (container(one).image = 'postgres:999.0'), 'stops', /from version \d+\.\d+ to 999\.0, which may not read the data/],
  ['an older image', 'workloads/base/django-api.yaml', 'Deployment/django-api', (one) => (container(one).image = 'ahuora/django-api:0.0.1'), 'restart', /0\.0\.1 \(an earlier version\)/],
  ['the code of somebody else', 'platform/front-end.yaml', 'Deployment/front-end', (one) => (container(one).image = 'other/front-end:0.0.1'), 'right', /runs the code of docker\.io\/other\/front-end, instead of docker\.io\/ahuora\/front-end/],
  ['data is mounted elsewhere', POSTGRES, 'StatefulSet/postgres', (one) => (container(one).volumeMounts.find(({ name }: Editable) => name === 'data').mountPath = '/elsewhere'), 'data', /has the claim data at \/elsewhere, instead of .*: it starts without that data/],
  ['data is looked for elsewhere', POSTGRES, 'StatefulSet/postgres', (one) => (container(one).env.find(({ name }: Editable) => name === 'PGDATA').value = '/tmp/data'), 'data', /PGDATA goes from \S+ to \/tmp\/data/],
  ['an autoscaler that cannot be', HPA, 'HorizontalPodAutoscaler/django-api', ({ spec }) => Object.assign(spec, { minReplicas: 3, maxReplicas: 2 }), 'refused', /at least 3 and at most 2 pods/],
  ['an autoscaler of fewer pods', HPA, 'HorizontalPodAutoscaler/django-api', ({ spec }) => (spec.maxReplicas = 2), 'pace', /^at most 2 pods run, instead of 8$/],
  ['an autoscaler goes', HPA, 'HorizontalPodAutoscaler/django-api', () => DROP, 'stops', /^nothing scales Deployment django-api any more/],
  ['pods stop before new ones start', 'workloads/base/django-api.yaml', 'Deployment/django-api', ({ spec }) => (spec.strategy = { type: 'Recreate' }), 'pace', /all its pods stop before new ones start/],
  ['a probe goes', 'workloads/base/django-api.yaml', 'Deployment/django-api', (one) => delete container(one).readinessProbe, 'restart', /readinessProbe \(gone\)/],
  ['another hour', 'platform/postgres-backup.yaml', 'CronJob/postgres-backup', ({ spec }) => (spec.schedule = '0 3 1 * *'), 'pace', /^it runs at 0 3 1 \* \*/],
  ['another wave', POSTGRES, 'StatefulSet/postgres', ({ metadata }) => (metadata.annotations[WAVE] = '9'), 'pace', /^it is applied later: in wave 9, instead of/],
  ['a file of a ConfigMap goes', 'platform/front-end.yaml', 'ConfigMap/front-end-config', (one) => (one.data = {}), 'stops', /is gone: a program that reads it does not find it/],
  ['Argo CD follows another branch', 'argocd/platform.yaml', 'Application/platform', ({ spec }) => (spec.source.targetRevision = 'other'), 'stops', /^it follows other instead of main/],
  ['Argo CD applies another folder', 'argocd/workloads.yaml', 'Application/workloads', ({ spec }) => (spec.source.path = 'dist/workloads/uor-minimum-1'), 'stops', /^it applies dist\/workloads\/uor-minimum-1 instead of dist\/workloads\/production/],
  ['Argo CD applies another repository', 'argocd/root.yaml', 'Application/root', ({ spec }) => (spec.source.repoURL = 'https://git.example.org/other'), 'right', /applies what https:\/\/git\.example\.org\/other holds/],
  ['Argo CD applies nothing by itself', 'argocd/root.yaml', 'Application/root', ({ spec }) => delete spec.syncPolicy.automated, 'stops', /^nothing that is merged is applied by itself/],
  ['changes by hand stay', 'argocd/platform.yaml', 'Application/platform', ({ spec }) => (spec.syncPolicy.automated.selfHeal = false), 'stops', /by hand in the cluster is no longer put back/],
])('%s', (change, path, label, edit, effect, sentence) => {
  const after = edited(path, label, edit);
  const [first] = compare(dist, after).consequences;
  expect([first?.effect, first?.sentence]).toEqual([effect, expect.stringMatching(sentence)]);
  if (BOTH_WAYS.includes(change)) return;
  const back = compare(after, dist).consequences.filter((one) => one.effect === effect && sentence.test(one.sentence));
  expect(back).toEqual([]);
}); // prettier-ignore

test('a drain is held back by nothing once the budget is gone', () => {
  const budget = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'web', namespace: 'ahuora' } };
  const { consequences } = compare(new Map([...dist, ['platform/web.yaml', toYaml([budget])]]), dist);
  expect(consequences).toMatchObject([{ effect: 'stops', object: 'PodDisruptionBudget/web (ahuora)' }]);
}); // prettier-ignore

test('a quota that shrinks keeps pods from being started again', () => {
  const quota = (pods: string) => {
    const object = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'pods', namespace: 'ahuora' }, spec: { hard: { pods } } };
    return new Map([...dist, ['platform/quota.yaml', toYaml([object])]]);
  };
  const { consequences } = compare(quota('50'), quota('20'));
  expect(consequences).toMatchObject([{ effect: 'stops', sentence: expect.stringMatching(/^at most 20 of pods instead of 50/) }]);
  expect(compare(quota('20'), quota('50')).consequences).toEqual([]);
}); // prettier-ignore

describe('what must be there before the merge', () => {
  const contracts = (edit: (secrets: Editable[]) => void) => {
    const file = JSON.parse(dist.get('secrets.json')!) as { secrets: Editable[] };
    edit(file.secrets);
    return new Map([...dist, ['secrets.json', JSON.stringify(file)]]);
  };

  it('is the value of a new key, with those who wait for it', () => {
    const after = contracts((secrets) => (secrets.find(({ name }) => name === 'cloudflared').keys[0].name = 'word'));
    expect(compare(dist, after).consequences).toMatchObject([
      { effect: 'first', object: 'Secret/cloudflared (ahuora)', sentence: expect.stringMatching(/^word must be in the vault .* no new pod of cloudflared starts$/) },
    ]);
  }); // prettier-ignore

  it('is nothing that the installation issues by itself, and nothing that goes', () => {
    const key = { name: 'tls.pem', issued: { what: 'server' } };
    const issued = contracts((secrets) => secrets.push({ name: 'new', namespace: 'ahuora', keys: [key], readers: ['a'] }));
    expect(compare(dist, issued).consequences).toEqual([]);
    expect(compare(dist, contracts((secrets) => secrets.splice(0))).consequences).toEqual([]);
  }); // prettier-ignore

  it('is the folder of a new local volume', () => {
    const volume = {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: 'new' },
      spec: { local: { path: '/srv/new' }, nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['worker-3'] }] }] } } },
    };
    const { consequences } = compare(dist, new Map([...dist, ['platform/new.yaml', toYaml([volume])]]));
    expect(consequences).toMatchObject([{ effect: 'first', sentence: 'the folder /srv/new must be there on worker-3 before a pod mounts it' }]);
  }); // prettier-ignore
});

test('the route that a host had is told beside the one that it gets', () => {
  const after = edited(GATEWAY, 'Ingress/api', ({ spec }) => (spec.rules[0].host = 'moved.example.org'));
  const told = compare(dist, after).consequences.map(({ effect, sentence }) => `${effect}: ${sentence}`);
  expect(told).toContainEqual(expect.stringMatching(/^stops: api\.\S+ answers 404 from now on$/));
});
