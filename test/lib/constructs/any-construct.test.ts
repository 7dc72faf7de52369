import type { LooseObject } from '../../fixtures/loose';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiObject, Include } from 'cdk8s';
import * as kplus from 'cdk8s-plus-28';
import { readThirdParty } from '../../../imports/third-party';
import { serviceEndpoint } from '../../../lib/constructs/network/endpoint';
import { objectsOf, only, sampleComponent } from './sample';

const SYSTEM = { 'app.kubernetes.io/name': 'sample', 'app.kubernetes.io/part-of': 'system' };
let scratch: string;
beforeEach(() => void (scratch = mkdtempSync(join(tmpdir(), 'any-construct-'))));
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

describe('a component carries namespace, labels and sync wave', () => {
  it('for a Deployment of cdk8s-plus, and its pods carry the labels that policies select', () => {
    const component = sampleComponent();
    new kplus.Deployment(component, 'web', { containers: [{ image: 'example/web:1', portNumber: 80 }] });
    const { metadata, spec } = only(component, 'Deployment');
    expect(metadata).toMatchObject({ namespace: 'space', labels: SYSTEM, annotations: { 'argocd.argoproj.io/sync-wave': '3' } });
    expect(spec.template.metadata.labels).toMatchObject({ ...SYSTEM, ...spec.selector.matchLabels });
  });

  it('for objects of a file, but for those of no namespace; what they say themselves stays', () => {
    const file = join(scratch, 'objects.yaml');
    writeFileSync(
      file,
      [
        'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: plain }',
        'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: own, namespace: elsewhere, labels: { app.kubernetes.io/name: other } }',
        'apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: { name: reader }\nrules: []',
        'apiVersion: batch/v1\nkind: CronJob\nmetadata: { name: nightly }\nspec: { jobTemplate: { spec: { template: { spec: {} } } } }',
      ].join('\n---\n'),
    );
    const component = sampleComponent();
    new Include(component, 'file', { url: file });
    const [plain, own, role, nightly] = ['plain', 'own', 'reader', 'nightly'].map(
      (name): LooseObject => objectsOf(component).find(({ metadata }) => metadata.name === name)!,
    );
    expect(plain!.metadata).toMatchObject({ namespace: 'space', labels: SYSTEM });
    expect(own!.metadata).toMatchObject({ namespace: 'elsewhere', labels: { ...SYSTEM, 'app.kubernetes.io/name': 'other' } });
    expect(role!.metadata).not.toHaveProperty('namespace');
    expect(role!.metadata.labels).toEqual(SYSTEM);
    expect(nightly!['spec'].jobTemplate.spec.template.metadata.labels).toEqual(SYSTEM);
  });

  it('for a kind that nobody imported', () => {
    const component = sampleComponent();
    new ApiObject(component, 'widget', { apiVersion: 'example.org/v1', kind: 'Widget', metadata: { name: 'one' } });
    expect(only(component, 'Widget').metadata).toMatchObject({ namespace: 'space', labels: SYSTEM });
  });

  it('so that network policies from connects select its pods', () => {
    const component = sampleComponent();
    new kplus.Deployment(component, 'web', { containers: [{ image: 'example/web:1', portNumber: 80 }] });
    component.connects([serviceEndpoint('database', 5432)]);
    const { pods } = component.connections[0]!.from as unknown as { pods: Record<string, string> };
    const labels = only(component, 'Deployment').spec.template.metadata.labels as Record<string, string>;
    expect(Object.keys(pods).length).toBeGreaterThan(0);
    expect(Object.entries(pods).every(([key, value]) => labels[key] === value)).toBe(true);
  });
}); // prettier-ignore

describe('a definition of a third party', () => {
  const definition = (scope: string) =>
    [
      'apiVersion: apiextensions.k8s.io/v1',
      'kind: CustomResourceDefinition',
      'metadata: { name: widgets.example.org }',
      'spec:',
      '  group: example.org',
      `  scope: ${scope}`,
      '  names: { kind: Widget, plural: widgets }',
      '  versions:',
      '    - name: v1',
      '      served: true',
      '      schema: { openAPIV3Schema: { type: object, properties: { spec: { type: object, properties: { size: { type: integer } } } } } }',
    ].join('\n');

  it('is read from a file with several documents, with its scope', () => {
    writeFileSync(
      join(scratch, 'widgets.yaml'),
      `apiVersion: v1\nkind: Namespace\nmetadata: { name: x }\n---\n${definition('Cluster')}\n`,
    );
    const { kinds, clusterKinds } = readThirdParty(scratch);
    expect(kinds).toMatchObject({
      'example.org/v1 Widget': { properties: { spec: { properties: { size: { type: 'integer' } }, additionalProperties: false } } },
    });
    // Definitions written by hand often leave out what every object has.
    expect(kinds['example.org/v1 Widget']!.properties).toMatchObject({ apiVersion: {}, kind: {}, metadata: {} });
    expect([...clusterKinds]).toEqual(['example.org Widget']);
  });

  it.each([
    ['a: [', /imports\/third-party\/widgets\.yaml is no YAML/],
    ['kind: ConfigMap', /imports\/third-party\/widgets\.yaml has no CustomResourceDefinition; take the file away/],
    [definition('Namespaced').replace(/ {6}schema.*/, ''), /widgets\.example\.org has no spec\.versions\[\]\.schema\.openAPIV3Schema/],
  ])('that cannot be used is refused with a sentence', (text, sentence) => {
    writeFileSync(join(scratch, 'widgets.yaml'), text);
    expect(() => readThirdParty(scratch)).toThrow(sentence);
  });
}); // prettier-ignore
