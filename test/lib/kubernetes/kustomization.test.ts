import { builtFiles, objectsBuiltInto } from '../../../lib/kubernetes/kustomization';
import type { Kustomization, KubernetesObject, RenderedFile } from '../../../lib/kubernetes/object';

const deployment = (spec: object = {}): KubernetesObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'shop' },
  spec,
});

const file = (path: string, ...objects: KubernetesObject[]): RenderedFile => ({ path, component: 'web', objects });

function kustomization(folder: string, resources: string[], patches: string[] = []): RenderedFile {
  const content: Kustomization = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources,
    patches: patches.map((path) => ({ path })),
  };
  return { path: `${folder}/kustomization.yaml`, component: folder, objects: [], kustomization: content };
}

const container = (name: string, extra: object = {}) => ({ name, image: 'example/web:1.0.0', ...extra });
const podSpec = (...containers: object[]) => ({ template: { spec: { containers } } });

/** What one patch makes of a Deployment. */
function patched(base: object, patch: object): unknown {
  const files = [
    file('base/web.yaml', deployment(base)),
    kustomization('base', ['web.yaml']),
    file('wide/patches.yaml', deployment(patch)),
    kustomization('wide', ['../base'], ['patches.yaml']),
  ];
  return objectsBuiltInto(files, 'wide')[0]!['spec'];
}

test('folders without a kustomization are as they are', () => {
  const files = [file('platform/web.yaml', deployment())];
  expect(builtFiles(files)).toEqual(files);
});

test('a base is applied by those that build on it, never by itself', () => {
  const shared = deployment({ replicas: 1 });
  const built = builtFiles([
    file('base/web.yaml', shared),
    kustomization('base', ['web.yaml']),
    kustomization('one', ['../base']),
    kustomization('two', ['../base']),
  ]);
  expect(built.map(({ path, builtInto }) => [path, builtInto])).toEqual([
    ['base/web.yaml', 'one'],
    ['base/web.yaml', 'two'],
  ]);
  expect(built.every(({ objects }) => objects[0] === shared)).toBe(true);
});

test('a patched object belongs to the file of its patch, and the others stay where they are', () => {
  const other = { ...deployment(), metadata: { name: 'other', namespace: 'shop' } };
  const built = builtFiles([
    file('base/web.yaml', deployment({ replicas: 1 }), other),
    kustomization('base', ['web.yaml']),
    file('wide/patches.yaml', deployment({ replicas: 4 })),
    kustomization('wide', ['../base'], ['patches.yaml']),
  ]);
  expect(built.map(({ path, objects }) => [path, objects.map(({ metadata }) => metadata.name)])).toEqual([
    ['base/web.yaml', ['other']],
    ['wide/patches.yaml', ['web']],
  ]);
  expect(built[1]!.objects[0]!['spec']).toEqual({ replicas: 4 });
});

test('maps are merged, null deletes, and other lists are replaced', () => {
  expect(patched({ replicas: 1, paused: true, args: [1, 2] }, { replicas: 2, paused: null, args: [3] })).toEqual({
    replicas: 2,
    args: [3],
  });
});

test('containers and their variables are merged by name, in the order of the base; new ones follow', () => {
  const base = podSpec(
    container('first', {
      env: [
        { name: 'A', value: '1' },
        { name: 'B', value: '2' },
      ],
    }),
    container('second'),
  );
  const patch = podSpec({ name: 'third', image: 'x' }, { name: 'first', env: [{ name: 'B', value: '9' }] });
  expect(patched(base, patch)).toEqual(
    podSpec(
      container('first', {
        env: [
          { name: 'A', value: '1' },
          { name: 'B', value: '9' },
        ],
      }),
      container('second'),
      { name: 'third', image: 'x' },
    ),
  );
});

test('what is laid over stays what it was', () => {
  const base = podSpec(container('first'));
  const before = structuredClone(base);
  patched(base, podSpec({ name: 'first', image: 'other' }));
  expect(base).toEqual(before);
});

test.each([
  [
    'a resource that is not there',
    [kustomization('one', ['gone.yaml'])],
    'one/kustomization.yaml: resources: there is no file and no kustomization gone.yaml',
  ],
  [
    'a patch file that is not there',
    [kustomization('one', [], ['gone.yaml'])],
    'one/kustomization.yaml: patches: there is no file gone.yaml',
  ],
  [
    'a patch without a target',
    [file('one/patches.yaml', deployment()), kustomization('one', [], ['patches.yaml'])],
    'one/patches.yaml: nothing below it is Deployment/web',
  ],
  [
    'a patch whose target is in another namespace',
    [
      file('one/web.yaml', { ...deployment(), metadata: { name: 'web', namespace: 'other' } }),
      file('one/patches.yaml', deployment()),
      kustomization('one', ['web.yaml'], ['patches.yaml']),
    ],
    'one/patches.yaml: nothing below it is Deployment/web',
  ],
])('%s is refused with file and entry', (_what, files, sentence) => {
  expect(() => builtFiles(files)).toThrow(sentence);
});
