import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { model } from '../../../../main';
import { describeObjects, type DescribedObject, type ObjectIndex } from '../../../../lib/synthesis/objects';
import { rulesByObject } from '../../../../lib/synthesis/objects/looked-at';
import { peerCalls } from '../../../../lib/synthesis/objects/relations';
import { changesByVariant } from '../../../../lib/synthesis/objects/variants';
import { asModel, soundPlatform } from '../../checks/sound-platform';

const ROOT = join(__dirname, '../../../..');
let index: ObjectIndex;
beforeAll(() => (index = describeObjects(() => model(), ROOT)));
const named = (label: string): DescribedObject => index.objects.find((one) => `${one.kind}/${one.name}` === label)!;

test('every object has an id of its own, a chart that made it, a line in dist/ that begins it, and rules that read it', () => {
  expect(index.objects.length).toBeGreaterThan(60);
  expect(new Set(index.objects.map(({ id }) => id)).size).toBe(index.objects.length);
  for (const { id, madeAt, file, line, rules } of index.objects) {
    expect([id, madeAt[0]]).toEqual([id, expect.stringMatching(/^(charts|argocd)\/(order\/)?[\w-]+\.ts:\d+$/)]);
    const text = readFileSync(join(ROOT, 'dist', file), 'utf8').split('\n');
    expect([id, text[line - 1]]).toEqual([id, expect.stringMatching(/^apiVersion: /)]);
    expect([id, rules.length > 2]).toEqual([id, true]);
  }
});

test('the line that made an object is the one that says so', () => {
  const line = (place: string) => {
    const [file, number] = place.split(':');
    return readFileSync(join(ROOT, file!), 'utf8').split('\n')[Number(number) - 1];
  };
  expect(line(named('Ingress/api').madeAt[0]!)).toContain("new PublicIngress(this, 'api'");
  expect(line(named('ConfigMap/front-end-config').madeAt[0]!)).toContain('new ConfigFiles(');
  expect(line(named('NetworkPolicy/idaes').madeAt[0]!)).toContain('new NetworkPolicies(');
});

test('calls are those that are declared, seen from both ends, through the Service as well', () => {
  const peers = (calls: DescribedObject['calls']) => calls.map(({ peer, ports }) => `${peer} ${ports.join()}`);
  expect(peers(named('Deployment/django-api').calls)).toEqual(['idaes 8080/TCP', 'pgbouncer 6432/TCP']);
  expect(peers(named('Service/idaes').calledBy)).toEqual(['django-api 8080/TCP']);
  expect(named('Service/idaes').calledBy[0]!.id).toBe(named('Deployment/django-api').id);
  const { calls, calledBy } = peerCalls([
    { from: 'a', to: 'b', port: 1, protocol: 'TCP' },
    { from: 'a', to: 'b', port: 1, protocol: 'UDP' },
    { from: 'c', to: 'b', port: 1, protocol: 'TCP' },
  ]);
  expect(calls.get('a')).toEqual([{ peer: 'b', ports: ['1/TCP', '1/UDP'] }]);
  expect(calledBy.get('b')!.map(({ peer }) => peer)).toEqual(['a', 'c']);
});

test('names lead to the objects that bear them, and back', () => {
  const to = (label: string) => named(label).refersTo.map((one) => one.label);
  expect(to('Ingress/front-end')).toEqual(
    expect.arrayContaining(['Service/front-end', 'Middleware/oauth-signin', 'Middleware/oauth-forwarder']),
  );
  expect(to('HorizontalPodAutoscaler/idaes')).toEqual(['Deployment/idaes']);
  expect(to('PersistentVolume/postgres')).toContain('StorageClass/ahuora-local');
  expect(named('Middleware/oauth-forwarder').referredBy.map(({ label }) => label)).toEqual(
    expect.arrayContaining(['Ingress/front-end', 'Ingress/api']),
  );
});

test('a variant is told of exactly the objects that it changes', () => {
  const object = (name: string, size: number) => ({
    apiVersion: 'v1',
    kind: 'Widget',
    metadata: { name },
    spec: { size },
  });
  const file = (folder: string, ...objects: ReturnType<typeof object>[]) => ({
    path: `${folder}/all.yaml`,
    component: folder,
    objects,
  });
  const same = object('same', 1);
  const files = [
    file('running', same, object('sized', 1), object('gone', 1)),
    file('one', same, object('sized', 2), object('gone', 1)),
    file('two', same, object('sized', 2), object('new', 1)),
  ];
  expect([...changesByVariant(files, 'running', ['one', 'two'])]).toEqual([
    [
      'Widget//sized',
      [{ variants: ['one', 'two'], change: 'changed', fields: [{ field: 'spec.size', before: 1, after: 2 }] }],
    ],
    ['Widget//gone', [{ variants: ['two'], change: 'removed', fields: [] }]],
    ['Widget//new', [{ variants: ['two'], change: 'added', fields: [] }]],
  ]);
});

test('a rule is told of an object that it reads, and not of one whose name alone it sees', () => {
  const platform = soundPlatform();
  const found = rulesByObject(asModel(platform), platform.files);
  const rulesOf = (kind: string, name: string) =>
    [...found].find(([object]) => object.kind === kind && object.metadata.name === name)?.[1] ?? [];
  expect(rulesOf('Deployment', 'web')).toContain('pods-run-as-non-root');
  expect(rulesOf('Service', 'web')).toContain('service-ports-exist');
  expect(rulesOf('Service', 'web')).not.toContain('pods-run-as-non-root');
  expect(rulesOf('ConfigMap', 'web-settings')).not.toContain('service-ports-exist');
  // A rule that walks over all objects reads the kind of each, and no more of those that it is not about.
  expect(named('HorizontalPodAutoscaler/idaes').rules).toContain('autoscaler-bounds-are-in-order');
  expect(named('Service/front-end').rules).not.toContain('autoscaler-bounds-are-in-order');
});
