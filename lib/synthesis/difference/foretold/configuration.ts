import { isDeepStrictEqual } from 'node:util';
import { isKind } from '../../../checks/objects/kinds';
import { asList, podSpecOf } from '../../../checks/objects/pod-template';
import type { KubernetesObject } from '../../../kubernetes/object';
import type { Effected, ObjectPair } from './consequence';

/** What running pods make of changed configuration, seen with the workloads that read it. */
export function configurationChanges({ was, is }: ObjectPair, workloads: readonly ObjectPair[]): Effected[] {
  if (!isKind(was, 'ConfigMap', 'Secret') || !isKind(is, 'ConfigMap', 'Secret')) return [];
  const found: Effected[] = [];
  if (was.immutable !== true && is.immutable === true)
    found.push({ effect: 'stops', field: 'immutable', sentence: 'from now on its content cannot change: a later change is refused' });
  if (isDeepStrictEqual(contentOf(was), contentOf(is))) return found;
  for (const { was: before, is: after } of workloads) {
    if (!isKind(before, ...KEEPS_RUNNING) || !isKind(after, ...KEEPS_RUNNING) || !isReadBy(is, after)) continue;
    if (!isDeepStrictEqual(before.spec?.template, after.spec?.template)) continue;
    found.push({ effect: 'pace', field: 'data', sentence: `its content changes, and ${after.kind} ${after.metadata.name} that reads it is not replaced: its pods go on with the old content until they are restarted, or read it again by themselves` });
  }
  return found;
} // prettier-ignore

const KEEPS_RUNNING = ['Deployment', 'StatefulSet', 'DaemonSet'] as const;
const contentOf = ({ data, binaryData, stringData }: KubernetesObject) => ({ data, binaryData, stringData });

function isReadBy({ kind, metadata }: KubernetesObject, workload: KubernetesObject): boolean {
  if (workload.metadata.namespace !== metadata.namespace) return false;
  const pod = podSpecOf(workload);
  const sources = asList(pod?.volumes).flatMap(({ configMap, secret, projected }) => [
    { configMap: configMap?.name, secret: secret?.secretName },
    ...asList(projected?.sources).map((one) => ({ configMap: one.configMap?.name, secret: one.secret?.name })),
  ]);
  const variables = [...asList(pod?.initContainers), ...asList(pod?.containers)].flatMap(({ env, envFrom }) => [
    ...asList(env).map(({ valueFrom: from }) => ({ configMap: from?.configMapKeyRef?.name, secret: from?.secretKeyRef?.name })),
    ...asList(envFrom).map(({ configMapRef, secretRef }) => ({ configMap: configMapRef?.name, secret: secretRef?.name })),
  ]);
  return [...sources, ...variables].some((one) => (kind === 'ConfigMap' ? one.configMap : one.secret) === metadata.name);
} // prettier-ignore
