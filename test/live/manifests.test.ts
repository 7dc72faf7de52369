import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { readFileSync } from 'node:fs';
import { fitToMachine, fitTree } from './manifests';

const DIST = join(__dirname, '..', '..', 'dist');

/** Every leaf of a YAML text by its path. */
function leaves(text: string): Map<string, unknown> {
  const found = new Map<string, unknown>();
  const walk = (value: unknown, path: string) => {
    if (typeof value === 'object' && value !== null)
      for (const [key, inner] of Object.entries(value)) walk(inner, `${path}/${key}`);
    else found.set(path, value);
  };
  parseAllDocuments(text).forEach((document, index) => walk(document.toJS(), String(index)));
  return found;
}

describe('manifests fitted to this machine', () => {
  const { files, rewritings } = fitTree(DIST);

  test('differ from dist in architecture, CPU requests and digests, and in nothing else', () => {
    const changed = Object.entries(files).flatMap(([path, fitted]) => {
      const before = readFileSync(join(DIST, path), 'utf8');
      if (!/\.ya?ml$/.test(path)) return before === fitted ? [] : [path];
      const [old, now] = [leaves(before), leaves(fitted)];
      expect([...now.keys()]).toEqual([...old.keys()]);
      return [...old].filter(([key, value]) => now.get(key) !== value).map(([key]) => key);
    });
    expect(changed.length).toBe(rewritings.length);
    expect(changed.length).toBeGreaterThan(20);
    for (const key of changed)
      expect(key).toMatch(/\/nodeSelector\/kubernetes\.io\/arch$|\/requests\/cpu$|\/image$|\/value$/);
  });

  test('every file of dist is there, and no arm64 is left to wait for', () => {
    const inDist = readdirSync(DIST, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(Object.keys(files)).toHaveLength(inDist.length);
    for (const [path, text] of Object.entries(files))
      if (path.startsWith('platform/'))
        expect([path, text.includes('kubernetes.io/arch: arm64')]).toEqual([path, false]);
  });

  test('keep comments, order and quotes byte for byte', () => {
    const text = [
      '# a note',
      'kind: Deployment',
      'metadata: { name: "one" }',
      'spec:',
      '  template:',
      '    spec:',
      "      nodeSelector: { 'kubernetes.io/arch': 'arm64' } # chosen",
      '      containers:',
      '        - image: "example/app:1@sha256:0123"',
      '          resources: { requests: { cpu: "2", memory: 1Gi }, limits: { cpu: "2" } }',
      '',
    ].join('\n');
    expect(fitToMachine(text, 'f').text).toBe(
      text.replace("'arm64'", "'amd64'").replace('@sha256:0123', '').replace('cpu: "2", memory', 'cpu: "500m", memory'),
    );
  });

  test('rewrite the patches of a kustomization as they rewrite what is patched', () => {
    const text = [
      '- op: replace',
      '  path: /spec/template/spec/containers/0/resources/requests/cpu',
      '  value: 500m',
      '- op: replace',
      '  path: /spec/template/spec/containers/0/resources/limits/cpu',
      '  value: 500m',
      '- { op: add, path: /spec/replicas, value: 2 }',
      '',
    ].join('\n');
    expect(fitToMachine(text, 'f').text).toBe(text.replace('value: 500m', 'value: 125m'));
  });

  test('rewrite what is written inside a text of a kustomization', () => {
    const text = [
      'patches:',
      '  - patch: |-',
      '      - op: replace',
      '        path: /spec/template/spec/containers/0/resources/requests/cpu',
      '        value: 1',
      '',
    ].join('\n');
    expect(fitToMachine(text, 'kustomization.yaml').text).toContain('value: 250m');
  });

  test('a text that is not YAML is refused with its name', () => {
    expect(() => fitToMachine('a: [', 'broken.yaml')).toThrow(/^broken\.yaml: /);
  });
});
