import { compare } from '../../../lib/synthesis/difference';
import { container, dist, edited, podOf, withFile, type Editable } from './objects/edited-dist';

/* Changes of a field or two that are easily read past, and what must lead when they are read. */

const BASE = 'workloads/base/django-api.yaml';
const FRONT_END = 'platform/front-end.yaml';
const API = 'Deployment/django-api';
const PAGE = 'Deployment/front-end';
const HOOK = 'argocd.argoproj.io/hook';
const BACKUP = 'platform/postgres-backup.yaml';

test.each<[change: string, path: string, label: string, edit: (object: Editable) => unknown, effect: string, sentence: RegExp]>([
  ['a port of a Service is renamed', 'platform/django-api.yaml', 'Service/django-api', ({ spec }) => (spec.ports[0].name = 'web'), 'stops', /^port 8000 is called web, instead of http: who asks for it by that name fails$/],
  ['a budget lets no pod go', 'platform/django-api.yaml', 'PodDisruptionBudget/django-api', ({ spec }) => (spec.maxUnavailable = 0), 'stops', /^it lets no pod go: a drain .* waits for ever/],
  ['a budget keeps more pods than there may be', 'platform/django-api.yaml', 'PodDisruptionBudget/django-api', (one) => (one.spec = { selector: one.spec.selector, minAvailable: 2 }), 'stops', /^at least 2 of its pods must stay/],
  ['a budget of all pods', 'platform/django-api.yaml', 'PodDisruptionBudget/django-api', (one) => (one.spec = { selector: one.spec.selector, minAvailable: '100%' }), 'stops', /^it lets no pod go/],
  ['configuration without the checksum', 'platform/pgbouncer.yaml', 'ConfigMap/pgbouncer-config', ({ data }) => (data['pgbouncer.ini'] += '\n; note\n'), 'pace', /^its content changes, and Deployment pgbouncer that reads it is not replaced/],
  ['configuration that is closed for good', FRONT_END, 'ConfigMap/front-end-config', (one) => (one.immutable = true), 'stops', /^from now on its content cannot change/],
  ['something must let go of it', FRONT_END, 'ConfigMap/front-end-config', ({ metadata }) => (metadata.finalizers = ['example.org/wait']), 'kept', /stays until something takes example\.org\/wait off it/],
  ['an Application takes all with it', 'argocd/platform.yaml', 'Application/platform', ({ metadata }) => (metadata.finalizers = ['resources-finalizer.argocd.argoproj.io/background']), 'data', /everything that it applied is deleted with it/],
  ['a new init container', FRONT_END, PAGE, (one) => (podOf(one).initContainers = [{ ...container(one), name: 'first', image: 'docker.io/other/first:1.0.0' }]), 'right', /^container first is new, and runs the code of docker\.io\/other\/first$/],
  ['an account of its own', FRONT_END, PAGE, (one) => (podOf(one).serviceAccountName = 'admin'), 'right', /^its pods run as the account admin/],
  ['a memory limit goes', BASE, API, (one) => delete container(one).resources.limits.memory, 'right', /^container django-api may use all memory of its node$/],
  ['pods come before others', FRONT_END, PAGE, (one) => (podOf(one).priorityClassName = 'system-node-critical'), 'right', /push out pods below the priority class system-node-critical/],
  ['less time to finish', BASE, API, (one) => (podOf(one).terminationGracePeriodSeconds = 1), 'stops', /^a pod that stops is killed after 1 s, instead of 30 s/],
  ['no time for callers to learn that it stops', BASE, API, (one) => delete container(one).lifecycle, 'stops', /^container django-api stops at once, without its preStop/],
  ['a Deployment is paused', BASE, API, ({ spec }) => (spec.paused = true), 'stops', /no change of its pods is rolled out/],
  ['all pods may be missing', BASE, API, ({ spec }) => (spec.strategy = { rollingUpdate: { maxUnavailable: '100%', maxSurge: 1 } }), 'pace', /all its pods may stop before new ones start/],
  ['neither one more nor one less', BASE, API, ({ spec }) => (spec.strategy = { rollingUpdate: { maxUnavailable: 0, maxSurge: '0%' } }), 'refused', /raise maxSurge or maxUnavailable/],
  ['another node', 'platform/cloudflared.yaml', 'Deployment/cloudflared', (one) => (podOf(one).nodeSelector['kubernetes.io/hostname'] = 'worker-1'), 'pace', /^its pods run on nodes with .*hostname=worker-1, instead of .*hostname=control$/],
  ['other rules of spreading', FRONT_END, PAGE, (one) => (podOf(one).tolerations = [{ operator: 'Exists' }]), 'pace', /spread over the nodes by other rules/],
  ['runs that overlap', BACKUP, 'CronJob/postgres-backup', ({ spec }) => (spec.concurrencyPolicy = 'Allow'), 'pace', /^a run begins while the last one is still under way$/],
  ['drift that nobody sees', 'argocd/platform.yaml', 'Application/platform', ({ spec }) => (spec.ignoreDifferences = [{ kind: 'Secret', jsonPointers: ['/data'] }]), 'stops', /no longer looks at \/data of Secret/],
  ['objects are made anew', 'argocd/platform.yaml', 'Application/platform', ({ spec }) => (spec.syncPolicy.syncOptions = ['Force=true']), 'stops', /deletes every object of it and creates it anew/],
  ['one object is replaced', FRONT_END, 'Service/front-end', ({ metadata }) => (metadata.annotations = { 'argocd.argoproj.io/sync-options': 'Replace=true' }), 'stops', /replaces it as a whole/],
  ['a hook', BASE, API, ({ metadata }) => (metadata.annotations = { ...metadata.annotations, [HOOK]: 'PreSync' }), 'stops', /^it becomes a hook: it is made at PreSync/],
])('%s', (_change, path, label, edit, effect, sentence) => {
  const after = edited(path, label, edit);
  const told = compare(dist, after).consequences;
  expect([told[0]?.effect, told[0]?.sentence]).toEqual([effect, expect.stringMatching(sentence)]);
  expect(told.filter((one) => /undefined|\[object|null/.test(one.sentence))).toEqual([]);
  if (/configuration without|spreading/.test(_change)) return;
  expect(compare(after, dist).consequences.filter((one) => sentence.test(one.sentence))).toEqual([]);
}); // prettier-ignore

test('a host without a certificate of its own', () => {
  const host = { host: 'a.example.org', http: { paths: [] } };
  const ingress = (tls?: object[]) =>
    withFile('platform/web.yaml', { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name: 'web', namespace: 'ahuora' }, spec: { rules: [host], tls } });
  const told = compare(ingress([{ hosts: ['a.example.org'], secretName: 'a' }]), ingress()).consequences;
  expect(told.map(({ sentence }) => sentence)).toContainEqual(expect.stringMatching(/^a\.example\.org is served without TLS of its own/));
}); // prettier-ignore

test('a container that only gets another name, and a workload in another namespace, run no other code', () => {
  const renamed = compare(dist, edited(FRONT_END, PAGE, (one) => (container(one).name = 'page'))).consequences;
  const moved = compare(dist, edited(FRONT_END, PAGE, ({ metadata }) => (metadata.namespace = 'default'))).consequences;
  expect([...renamed, ...moved].filter(({ sentence }) => /runs the code/.test(sentence))).toEqual([]);
  expect(renamed).not.toEqual([]);
}); // prettier-ignore

describe('a definition', () => {
  const schema = (properties: object, required: string[] = []) => ({
    openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties, required } } },
  });
  const version = (name: string, more: object) => ({ name, served: true, storage: false, schema: schema({ size: { type: 'integer' } }), ...more });
  const definition = (...versions: object[]) =>
    withFile('platform/widgets.yaml', {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'widgets.example.org' },
      spec: { group: 'example.org', scope: 'Namespaced', names: { kind: 'Widget', plural: 'widgets' }, versions },
    });
  const stored = (more: object = {}) => version('v1', { storage: true, ...more });

  test.each<[string, Map<string, string>, Map<string, string>, string, RegExp]>([
    ['forgets a field', definition(stored({ schema: schema({ size: { type: 'integer' }, old: { type: 'string' } }) })), definition(stored()), 'data', /^spec\.old is no longer known: .* drops it from every object/],
    ['asks for another type', definition(stored()), definition(stored({ schema: schema({ size: { type: 'string' } }) })), 'stops', /^spec\.size must be of the type string, and was of integer/],
    ['asks for more', definition(stored()), definition(stored({ schema: schema({ size: { type: 'integer' } }, ['size']) })), 'stops', /^spec\.size must be given from now on/],
    ['serves a version no longer', definition(stored(), version('v1beta1', {})), definition(stored(), version('v1beta1', { served: false })), 'stops', /^the version v1beta1 is no longer served/],
    ['gives up a version', definition(stored(), version('v1beta1', {})), definition(stored()), 'stops', /^the version v1beta1 is gone/],
    ['gives up the version that objects are stored in', definition(stored()), definition(version('v2', { storage: true })), 'refused', /^the version v1 is gone, and objects are stored in it/],
  ])('%s', (_change, before, after, effect, sentence) => {
    const told = compare(before, after).consequences;
    expect(told[0]).toMatchObject({ effect, sentence: expect.stringMatching(sentence) });
    expect(compare(after, before).consequences.filter((one) => sentence.test(one.sentence))).toEqual([]);
  });
}); // prettier-ignore

test('a kustomization that does more than is understood here is no difference of nothing', () => {
  const path = 'workloads/production/kustomization.yaml';
  const more = (text: string) => new Map([...dist, [path, `${dist.get(path)!.trimEnd()}\n${text}\n`]]);
  expect(() => compare(dist, more('images:\n  - name: ahuora/django-api\n    newTag: 9.9.9'))).toThrow(/^workloads\/production\/kustomization\.yaml: images: /);
  expect(() => compare(dist, more('patches:\n  - patch: "{}"\n    target:\n      kind: Deployment'))).toThrow(/^workloads\/production\/kustomization\.yaml: patches: /);
}); // prettier-ignore
