import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { imageDocuments, parseReference } from './image';
import { archive, layerKey, type LayerRecipe } from './layer';
import { nextTag } from './catalogue';

describe('an archive of a tree', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'ahuora-layer-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const treeWith = (name: string, files: readonly (readonly [string, string])[], time: number) => {
    const tree = join(folder, name);
    mkdirSync(tree);
    for (const [path, content] of files) {
      writeFileSync(join(tree, path), content);
      chmodSync(join(tree, path), 0o644);
      utimesSync(join(tree, path), time, time);
    }
    return tree;
  };
  const digestOf = async (tree: string) => {
    const file = `${tree}.tar`;
    await archive(tree, file, false);
    return createHash('sha256').update(readFileSync(file)).digest('hex');
  };

  test('is the same wherever, whenever and in whatever order the tree was made', async () => {
    const one = await digestOf(
      treeWith(
        'one',
        [
          ['b', '2'],
          ['a', '1'],
        ],
        1_000_000,
      ),
    );
    const other = await digestOf(
      treeWith(
        'other',
        [
          ['a', '1'],
          ['b', '2'],
        ],
        2_000_000_000,
      ),
    );
    expect(other).toBe(one);
  });

  test('is another when a byte or a mode is', async () => {
    const one = await digestOf(treeWith('one', [['a', '1']], 1));
    expect(await digestOf(treeWith('two', [['a', '2']], 1))).not.toBe(one);
    const tree = treeWith('three', [['a', '1']], 1);
    chmodSync(join(tree, 'a'), 0o755);
    expect(await digestOf(tree)).not.toBe(one);
  });
});

test('a layer is looked up by what it is made from, file names and contents included', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ahuora-layer-'));
  try {
    writeFileSync(join(folder, 'a'), '1');
    const recipe = (change: Partial<LayerRecipe> = {}): LayerRecipe => ({
      name: 'n',
      inputs: [{ path: folder }],
      fill: () => Promise.resolve(),
      ...change,
    });
    const key = layerKey(recipe());
    expect(layerKey(recipe())).toBe(key);
    expect(layerKey(recipe({ inputs: [{ path: folder }, { text: '' }] }))).not.toBe(key);
    expect(layerKey(recipe({ keepOwners: true }))).not.toBe(key);
    writeFileSync(join(folder, 'a'), '2');
    expect(layerKey(recipe())).not.toBe(key);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

describe('the documents of an image', () => {
  const layer = { digest: `sha256:${'1'.repeat(64)}`, size: 3 };

  test('name the layers in order, and are the same for the same image', () => {
    const make = () => imageDocuments([layer, { ...layer, size: 4 }], { user: '1:1', command: ['a'] }, 'amd64');
    const { manifest, config } = make();
    const content = JSON.parse(manifest.bytes.toString()) as { layers: { size: number }[]; config: { digest: string } };
    expect(content.layers.map(({ size }) => size)).toEqual([3, 4]);
    expect(content.config.digest).toBe(config.digest);
    expect(config.digest).toBe(`sha256:${createHash('sha256').update(config.bytes).digest('hex')}`);
    expect(make()).toEqual({ manifest, config });
  });

  test('an image without a layer is refused', () => {
    expect(() => imageDocuments([], {}, 'amd64')).toThrow('at least one layer');
  });
});

test.each([
  ['postgres:16.4', 'docker.io', 'library/postgres', '16.4'],
  ['ahuora/idaes:0.0.10', 'docker.io', 'ahuora/idaes', '0.0.10'],
  ['docker.io/library/redis:8', 'docker.io', 'library/redis', '8'],
  ['quay.io/a/b/c:v1@sha256:ab', 'quay.io', 'a/b/c', 'v1'],
  ['localhost:5000/a:1', 'localhost:5000', 'a', '1'],
  ['registry.k8s.io/pause', 'registry.k8s.io', 'pause', 'latest'],
])('%s is read as a runtime reads it', (reference, registry, repository, tag) => {
  expect(parseReference(reference)).toEqual({ registry, repository, tag });
});

test('the next tag counts its last number up, and a tag without one is refused', () => {
  expect(nextTag('ahuora/idaes:0.0.9')).toBe('ahuora/idaes:0.0.10');
  expect(nextTag('ahuora/idaes:0.0.9@sha256:ab')).toBe('ahuora/idaes:0.0.10');
  expect(() => nextTag('ahuora/idaes:latest')).toThrow('does not end with a number');
});
