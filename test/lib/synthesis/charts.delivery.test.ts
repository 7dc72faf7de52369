import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { compare } from '../../../lib/synthesis/difference';
import { toldOfCharts, withCharts } from '../../../lib/synthesis/difference/sides/charts';
import { buildTool } from '../../../tools/build';

jest.setTimeout(300_000);

let root: string;
let helm: string;

beforeAll(async () => {
  helm = await buildTool('helm');
  root = mkdtempSync(join(tmpdir(), 'charts-'));
  archive('1.0.0', 'web');
  archive('1.1.0', 'web-next');
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A chart with a Deployment, and a Secret that is made anew at each rendering. */
function archive(version: string, name: string): void {
  const chart = join(root, `source-${version}`, 'shop');
  mkdirSync(join(chart, 'templates'), { recursive: true });
  writeFileSync(join(chart, 'Chart.yaml'), stringify({ apiVersion: 'v2', name: 'shop', version }));
  writeFileSync(join(chart, 'values.yaml'), stringify({ replicas: 1, image: 'shop:1' }));
  writeFileSync(
    join(chart, 'templates', 'all.yaml'),
    [
      'apiVersion: apps/v1',
      'kind: Deployment',
      `metadata: { name: ${name}, namespace: {{ .Release.Namespace }} }`,
      'spec:',
      '  replicas: {{ required "replicas must be given" .Values.replicas }}',
      '  selector: { matchLabels: { app: shop } }',
      '  template:',
      '    metadata: { labels: { app: shop } }',
      '    spec: { containers: [{ name: shop, image: {{ .Values.image | quote }} }] }',
      '---',
      'apiVersion: v1',
      'kind: Secret',
      'metadata: { name: random }',
      'stringData: { password: {{ randAlphaNum 16 | quote }} }',
      '',
    ].join('\n'),
  );
  execFileSync(helm, ['package', chart, '--destination', root], { stdio: 'ignore' });
}

interface Use {
  readonly version?: string;
  readonly values?: object;
}

const helmChart = ({ version = '1.0.0', values = {} }: Use) => ({
  apiVersion: 'helm.cattle.io/v1',
  kind: 'HelmChart',
  metadata: { name: 'shop', namespace: 'kube-system' },
  spec: {
    chart: `https://%{KUBERNETES_API}%/static/charts/shop-${version}.tgz`,
    targetNamespace: 'shop',
    valuesContent: stringify(values),
  },
});
const application = ({ version = '1.0.0', values = {} }: Use) => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Application',
  metadata: { name: 'shop', namespace: 'argocd' },
  spec: {
    destination: { namespace: 'shop' },
    source: { chart: 'shop', targetRevision: version, helm: { valuesObject: values } },
  },
});

function difference(was: object, is: object, tools: { folder?: string; helm?: string } = {}) {
  const side = (object: object) => new Map([['argocd/shop.yaml', stringify(object)]]);
  const charts = withCharts(side(was), side(is), { folder: root, helm, kubernetes: 'v1.34.4', ...tools });
  const compared = compare(charts.before, charts.after);
  return {
    objects: compared.changes.filter(({ place }) => place.startsWith('charts/')),
    consequences: toldOfCharts(compared.consequences, charts),
  };
}

test.each([
  ['a HelmChart', helmChart],
  ['an Application', application],
])('a change of values of %s is shown as the objects that it changes, with what that does', (_what, chart) => {
  const { objects, consequences } = difference(chart({}), chart({ values: { image: 'shop:2', replicas: 3 } }));
  expect(objects).toEqual([
    {
      place: 'charts/shop',
      object: 'Deployment/web (shop)',
      change: 'changed',
      fields: [
        { field: 'spec.replicas', before: 1, after: 3 },
        { field: 'spec.template.spec.containers[shop].image', before: 'shop:1', after: 'shop:2' },
      ],
    },
  ]);
  // Three replicas for one are told beside the restart.
  expect(consequences.map(({ effect }) => effect)).toEqual(['pace', 'restart']);
});

test('a change of version is shown as objects that go and come', () => {
  const { objects, consequences } = difference(application({}), application({ version: '1.1.0' }));
  expect(objects.map(({ object, change }) => `${change} ${object}`)).toEqual([
    'removed Deployment/web (shop)',
    'added Deployment/web-next (shop)',
  ]);
  expect(consequences.map(({ effect }) => effect)).not.toContain('unseen');
});

test('an archive that is not there is named, and nothing is said to go or come', () => {
  const { objects, consequences } = difference(application({}), application({ version: '1.2.0' }));
  expect(objects).toEqual([]);
  expect(consequences.map(({ effect, sentence }) => [effect, sentence])).toEqual([
    ['unseen', expect.stringContaining(`With shop-1.2.0.tgz in ${root}, the objects would be compared here`)],
  ]);
});

test('where Helm is not there, that is said', () => {
  const { objects, consequences } = difference(application({}), application({ values: { replicas: 2 } }), {
    helm: join(root, 'no-helm'),
  });
  expect(objects).toEqual([]);
  expect(consequences[0]!.sentence).toContain('put helm on PATH, or name it by the variable HELM');
});

test('values that the chart refuses are foretold as refused, in the words of Helm', () => {
  const { objects, consequences } = difference(application({}), application({ values: { replicas: null } }));
  expect(objects).toEqual([]);
  expect(consequences.map(({ effect, object }) => `${effect} ${object}`)).toEqual(['refused Application/shop']);
  expect(consequences[0]!.sentence).toContain('replicas must be given');
});

test('a chart that is the same on both sides is not rendered', () => {
  expect(difference(application({}), application({}), { helm: join(root, 'no-helm') }).consequences).toEqual([]);
});
