import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseObjects, readBuiltFolder } from '../../lib/kubernetes/built-folder';
import type { KubernetesObject } from '../../lib/kubernetes/object';
import { buildTool } from '../../tools/build';

const DIST = join(__dirname, '../../dist');
const folders = readdirSync(join(DIST, 'workloads'));

let kubectl: string;
let kustomize: string;
beforeAll(async () => {
  kubectl = await buildTool('kubectl');
  kustomize = await buildTool('kustomize');
}, 600_000);

const byName = (objects: readonly KubernetesObject[]) =>
  new Map(objects.map((object) => [`${object.kind}/${object.metadata.name}`, object]));

const output = async (program: string, ...words: string[]) =>
  parseObjects((await promisify(execFile)(program, words, { maxBuffer: 1 << 24 })).stdout);

test('there is a folder for each variant, and one that they share', () => {
  expect(folders).toEqual(expect.arrayContaining(['base', 'production', 'uor-minimum-2']));
  expect(folders.length).toBeGreaterThan(60);
});

test('every folder is built by kubectl as synthesis, checks and the runner build it', async () => {
  for (const folder of folders) {
    const built = byName(await output(kubectl, 'kustomize', join(DIST, 'workloads', folder)));
    expect([folder, built]).toEqual([folder, byName(readBuiltFolder(DIST, `workloads/${folder}`))]);
  }
}, 300_000);

test('the kustomize of Argo CD builds the same', async () => {
  for (const folder of ['production', 'uor-cpu-2000m-target-75', 'fs-replicas-1-8']) {
    const built = byName(await output(kustomize, 'build', join(DIST, 'workloads', folder)));
    expect([folder, built]).toEqual([folder, byName(readBuiltFolder(DIST, `workloads/${folder}`))]);
  }
}, 60_000);
