import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { builtFiles, KUSTOMIZATION_FILE } from '../../../kubernetes/kustomization';
import { folderOf, type KubernetesObject, type Kustomization, type RenderedFile } from '../../../kubernetes/object';
import { parseObjects } from '../../../kubernetes/built-folder';

/** Both sides of a comparison with a running cluster: live objects, and what an apply would make of them. */
export interface LiveSides {
  readonly before: ReadonlyMap<string, string>;
  readonly after: ReadonlyMap<string, string>;
}

/** The name under which Argo CD owns fields: the dry run must ask as it would. */
const FIELD_MANAGER = 'argocd-controller';

/**
 * Asks kubectl's current context what applying the outputs would change (`kubectl diff --server-side`: the API server stores
 * nothing).
 *
 * @param folders Folders to apply, such as `platform` and `workloads/production`.
 * @throws Error with kubectl's own words when it is missing, reaches no cluster, or the API server refuses an object.
 */
export function liveSides(outputs: ReadonlyMap<string, string>, folders: readonly string[]): LiveSides {
  const objects = builtFiles(filesOf(outputs))
    .filter((file) => folders.includes(folderOf(file)))
    .flatMap((file) => file.objects.map((object) => ({ folder: folderOf(file), object })));
  const folderById = new Map(objects.map(({ folder, object }) => [identity(object), folder]));
  const scratch = mkdtempSync(join(tmpdir(), 'ahuora-live-'));
  try {
    askCluster(scratch, objects.map(({ object }) => JSON.stringify(object)).join('\n---\n'));
    return { before: sideIn(join(scratch, 'live'), folderById), after: sideIn(join(scratch, 'merged'), folderById) };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Leaves in the folder what kubectl would have shown: one file for each object that differs, live and merged. */
function askCluster(scratch: string, stream: string): void {
  const keep = join(scratch, 'keep.sh');
  // kubectl hands two folders to whatever compares them; these are kept instead.
  writeFileSync(keep, '#!/bin/sh\nhere=$(dirname "$0")\ncp -R "$1" "$here/live" && cp -R "$2" "$here/merged"\n');
  chmodSync(keep, 0o755);
  const { error, status, stderr } = spawnSync(
    'kubectl',
    ['diff', '--server-side', '--force-conflicts', `--field-manager=${FIELD_MANAGER}`, '-f', '-'],
    { input: stream, encoding: 'utf8', env: { ...process.env, KUBECTL_EXTERNAL_DIFF: keep }, maxBuffer: 256 << 20 },
  );
  if (error) throw new Error('--against cluster: kubectl is not installed here; install it, or name a git revision');
  if (status === 0 || status === 1) return;
  const said = stderr
    .trim()
    .split('\n')
    .filter((line) => !line.startsWith('Warning:'));
  // Where kubectl asks when it was told of no cluster.
  if (stderr.includes('http://localhost:8080'))
    throw new Error('--against cluster: kubectl knows of no cluster; set KUBECONFIG, or write ~/.kube/config');
  throw new Error(`--against cluster: kubectl could not compare: ${said.at(-1) ?? `it ended with ${status}`}`);
}

function sideIn(folder: string, folderById: ReadonlyMap<string, string>): Map<string, string> {
  const side = new Map<string, string>();
  for (const name of existsSync(folder) ? readdirSync(folder).sort() : []) {
    const object = parse(readFileSync(join(folder, name), 'utf8')) as KubernetesObject | null;
    // An object that is new has no live side.
    if (!object?.kind) continue;
    side.set(`${folderById.get(identity(object)) ?? 'cluster'}/${name}.yaml`, stringify(asDeclared(object)));
  }
  return side;
}

/** What the cluster keeps of an object beside what anybody declared. */
const BOOKKEEPING = ['generation', 'resourceVersion', 'uid', 'creationTimestamp', 'managedFields', 'selfLink'];

function asDeclared({ status: _status, ...object }: KubernetesObject): KubernetesObject {
  const metadata = Object.fromEntries(Object.entries(object.metadata).filter(([key]) => !BOOKKEEPING.includes(key)));
  return { ...object, metadata } as KubernetesObject;
}

function identity({ kind, metadata }: KubernetesObject): string {
  return `${kind}/${metadata.namespace ?? ''}/${metadata.name}`;
}

function filesOf(outputs: ReadonlyMap<string, string>): RenderedFile[] {
  return [...outputs]
    .filter(([path]) => path.endsWith('.yaml') && path.includes('/') && !/^(compose|alerts)\//.test(path))
    .map(([path, text]) => {
      const file = { path, component: path };
      if (path.endsWith(`/${KUSTOMIZATION_FILE}`))
        return { ...file, objects: [], kustomization: parse(text) as Kustomization };
      return { ...file, objects: parseObjects(text) };
    });
}
