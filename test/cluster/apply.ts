import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KubernetesObject } from '../../lib/kubernetes/object';
import type { SecretContract } from '../../lib/kubernetes/secret-contract';
import type { ControlPlane } from './control-plane';
import type { CommandResult } from './daemon';
import { inSyncOrder, readTree } from './manifests';

/** The name under which Argo CD owns fields. */
const FIELD_MANAGER = 'argocd-controller';

/** The objects as one stream for kubectl. */
export function asStream(objects: readonly KubernetesObject[]): string {
  return objects.map((object) => JSON.stringify(object)).join('\n---\n');
}

/**
 * Server-side apply of a tree, wave after wave, each ready before the next begins, as with Argo CD. Returns the warning
 * headers, which kubectl prints as `Warning:`.
 */
export async function applyTree(cluster: ControlPlane, objects: readonly KubernetesObject[]): Promise<string[]> {
  const warnings: string[] = [];
  for (const wave of inSyncOrder(objects)) {
    const result = await applyObjects(cluster, wave);
    if (result.status !== 0) throw new Error(`server-side apply was refused: ${result.stderr.trim()}`);
    warnings.push(...warningsOf(result));
    await waitForRollouts(cluster, wave);
  }
  return warnings;
}

/** Server-side apply of some objects; `--dry-run=server` among the flags asks for all of admission without storing anything. */
export function applyObjects(
  cluster: ControlPlane,
  objects: readonly KubernetesObject[],
  flags: readonly string[] = [],
): Promise<CommandResult> {
  return cluster.tryKubectl(
    ['apply', '--server-side', `--field-manager=${FIELD_MANAGER}`, ...flags, '-f', '-'],
    asStream(objects),
  );
}

/** The lines with which kubectl passes on the API server's `Warning` headers. */
export function warningsOf(result: CommandResult): string[] {
  return result.stderr.split('\n').filter((line) => line.startsWith('Warning:'));
}

/** Difference between the live objects and what another apply would make of them; empty when there is none. */
export async function differenceToLive(cluster: ControlPlane, objects: readonly KubernetesObject[]): Promise<string> {
  const result = await cluster.tryKubectl(
    ['diff', '--server-side', '--force-conflicts', `--field-manager=${FIELD_MANAGER}`, '-f', '-'],
    asStream(objects),
  );
  if (result.status > 1 || result.status < 0) throw new Error(`kubectl diff failed: ${result.stderr.trim()}`);
  return result.stdout;
}

/** The live state of the objects. */
export async function liveObjects(
  cluster: ControlPlane,
  objects: readonly KubernetesObject[],
): Promise<KubernetesObject[]> {
  const output = JSON.parse(await cluster.kubectl(['get', '-o', 'json', '-f', '-'], asStream(objects))) as {
    kind: string;
    items?: KubernetesObject[];
  };
  return output.kind === 'List' ? (output.items ?? []) : [output as unknown as KubernetesObject];
}

/** Waits until every Deployment, StatefulSet and DaemonSet among the objects is rolled out. */
export async function waitForRollouts(cluster: ControlPlane, objects: readonly KubernetesObject[]): Promise<void> {
  const workloads = objects.filter((object) => ['Deployment', 'StatefulSet', 'DaemonSet'].includes(object.kind));
  await Promise.all(
    workloads.map(({ kind, metadata }) =>
      cluster.kubectl([
        'rollout',
        'status',
        `${kind}/${metadata.name}`,
        '-n',
        metadata.namespace ?? 'default',
        '--timeout=90s',
      ]),
    ),
  );
}

/** What the installation by Ansible does before Argo CD's first sync: namespaces, and every Secret with a random value. */
export async function installPrerequisites(cluster: ControlPlane): Promise<void> {
  const rendered = [...readTree('platform'), ...readTree('argocd')].filter((object) => object.kind === 'Namespace');
  const argocd = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'argocd' } };
  const { status, stderr } = await applyObjects(cluster, [...rendered, argocd]);
  if (status !== 0) throw new Error(`the namespaces were refused: ${stderr.trim()}`);
  await cluster.kubectl(['apply', '--server-side', '-f', '-'], asStream(secrets()));
}

/** One object per contract of `dist/secrets.json`. */
function secrets(): KubernetesObject[] {
  const file = join(__dirname, '..', '..', 'dist', 'secrets.json');
  const contracts = JSON.parse(readFileSync(file, 'utf8')) as { secrets: SecretContract[] };
  return contracts.secrets.map(({ name, namespace, keys }) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace },
    stringData: Object.fromEntries(keys.map((key) => [key.name, randomBytes(16).toString('hex')])),
  }));
}
