import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { clusterVariants, EXPERIMENTS } from '../../experiments/plan';
import { parseObjects, readBuiltFolder } from '../../lib/kubernetes/built-folder';
import type { KubernetesObject } from '../../lib/kubernetes/object';
import { buildTool } from '../../tools/build';
import { differing, isDeclared } from '../experiments/plan/declared-fields';
import type { LooseObject } from '../fixtures/loose';

const DIST = join(__dirname, '../../dist');
const folders = readdirSync(join(DIST, 'workloads'));
const variants = clusterVariants(EXPERIMENTS);

/** What each program makes of each folder. */
const built = new Map<string, Map<string, readonly KubernetesObject[]>>();
const programs: [string, readonly string[]][] = [
  ['kubectl', ['kustomize']],
  // That of Argo CD.
  ['kustomize', ['build']],
];

beforeAll(async () => {
  for (const [program, words] of programs) {
    const path = await buildTool(program);
    const results = new Map<string, readonly KubernetesObject[]>();
    for (const folder of folders) results.set(folder, await output(path, ...words, join(DIST, 'workloads', folder)));
    built.set(program, results);
  }
}, 900_000);

const byName = (objects: readonly KubernetesObject[]) =>
  new Map(objects.map((object) => [`${object.kind}/${object.metadata.name}`, object]));

const output = async (program: string, ...words: string[]) =>
  parseObjects((await promisify(execFile)(program, words, { maxBuffer: 1 << 24 })).stdout);

const objectsOf = (program: string, folder: string) => built.get(program)!.get(folder)! as LooseObject[];

test('there is a folder for each variant, and one that they share', () => {
  expect(variants.length).toBeGreaterThan(60);
  expect([...folders].sort()).toEqual(expect.arrayContaining(['base', 'production', ...variants.map(({ name }) => name)]));
}); // prettier-ignore

describe.each(programs.map(([program]) => program))('%s', (program) => {
  it('builds every folder as synthesis, checks and the runner build it', () => {
    for (const folder of folders) {
      const objects = built.get(program)!.get(folder)!;
      const ours = readBuiltFolder(DIST, `workloads/${folder}`);
      expect([folder, objects.length]).toEqual([folder, ours.length]);
      expect([folder, byName(objects)]).toEqual([folder, byName(ours)]);
    }
  });

  it('builds every variant so that it differs from production only where its row of the plan declares to', () => {
    const undeclared = variants.flatMap((variant) =>
      differing(objectsOf(program, variant.name), objectsOf(program, 'production'))
        .filter((field) => !isDeclared(variant, field))
        .map((field) => `${variant.name}: ${field}`),
    );
    expect(undeclared).toEqual([]);
    const different = variants.filter(({ name }) => differing(objectsOf(program, name), objectsOf(program, 'production')).length > 0);
    expect(different.length).toBeGreaterThan(variants.length / 2);
  }); // prettier-ignore
});
