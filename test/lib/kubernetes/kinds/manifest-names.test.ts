import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isOfKind } from '../../../../lib/kubernetes/kinds/core-kinds';
import type { ManifestNames } from '../../../../lib/kubernetes/kinds/written';

const ROOT = join(__dirname, '../../../..');
const imports = readdirSync(join(ROOT, 'imports')).filter((file) => file.endsWith('.io.ts'));
const bindings = [
  ...imports.map((file) => join(ROOT, 'imports', file)),
  join(ROOT, 'node_modules/cdk8s-plus-28/lib/imports/k8s.d.ts'),
].map((file) => readFileSync(file, 'utf8'));

/** Field of a binding, and what a manifest calls it: a binding says so above each property. */
const renamed = bindings
  .flatMap((text) => [...text.matchAll(/@schema [\w.-]+#(\w+)\s*\n\s*\*\/\s*\n\s*readonly (\w+)\??:/g)])
  .filter(([, manifest, binding]) => manifest !== binding)
  .map(([, manifest, binding]) => `${binding}: ${manifest}`);

test('every field that a binding spells otherwise is read as manifests spell it', () => {
  const text = readFileSync(join(ROOT, 'lib/kubernetes/kinds/written.ts'), 'utf8');
  const listed = [...text.matchAll(/readonly (\w+): '(\w+)';/g)].map(
    ([, binding, manifest]) => `${binding}: ${manifest}`,
  );
  expect(listed.length).toBeGreaterThan(30);
  expect(listed.sort()).toEqual([...new Set(renamed)].sort());
});

test('the compiler refuses the spelling of a binding, a field that no kind has, and a field that nobody asked the kind of', () => {
  const object = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: { clusterIP: 'None' } };
  if (!isOfKind(object, 'Service')) throw new Error('a Service is a Service');
  expect(object.spec?.clusterIP).toBe('None');
  // @ts-expect-error -- manifests say clusterIP
  expect(object.spec?.clusterIp).toBeUndefined();
  // @ts-expect-error -- a Service has no replicas
  expect(object.spec?.replicas).toBeUndefined();
  expect(isOfKind(object, 'Deployment')).toBe(false);
  const names: ManifestNames['clusterIp'] = 'clusterIP';
  expect(names).toBe('clusterIP');
});
