import { parseQuantity } from '../../../kubernetes/quantity';
import type { KubernetesObject } from '../../../kubernetes/object';
import { compareFields, type FieldChange } from '../compare';
import { groupOf, type Effected, type ObjectPair } from './consequence';
import { FROZEN_FIELDS, type Fields, type ObjectFields } from './frozen-fields';

/** Every field whose change the API server refuses, with what to do instead. */
export function refusals({ was, is }: ObjectPair, expandable: (storageClass: string) => boolean): Effected[] {
  if (!was || !is || isRecreated(is)) return [];
  const key = groupOf(is) ? `${is.kind}.${groupOf(is)}` : is.kind;
  const row = FROZEN_FIELDS.find(({ kinds }) => kinds.includes(key));
  const changed = row ? compareFields(plain(row.part(was, { was, is })), plain(row.part(is, { was, is }))) : [];
  const refused = changed.map(({ field }: FieldChange): Effected => ({
    effect: 'refused',
    field,
    sentence: `${field} cannot be changed once the ${is.kind} exists; ${row!.remedy}`,
  }));
  const size = key === 'PersistentVolumeClaim' ? claimSize(was, is, expandable) : [];
  return [...refused, ...size, ...leftovers(was, is)];
}

/** Strategies that bear no settings of the one before; the server's defaults among those are nobody's, so no apply removes them. */
const STRATEGIES = [
  { kind: 'Deployment', field: 'strategy', type: 'Recreate', defaults: ['maxSurge', 'maxUnavailable'] },
  { kind: 'StatefulSet', field: 'updateStrategy', type: 'OnDelete', defaults: ['partition'] },
] as const;

interface Strategy {
  readonly type?: string;
  readonly rollingUpdate?: Fields;
}

function leftovers(was: ObjectFields, is: ObjectFields): Effected[] {
  return STRATEGIES.flatMap(({ kind, field, type, defaults }): Effected[] => {
    const [before, after] = [was, is].map(({ spec }) => spec?.[field] as Strategy | undefined);
    if (is.kind !== kind || after?.type !== type || before?.type === type) return [];
    if (defaults.every((one) => before?.rollingUpdate?.[one] !== undefined)) return [];
    const sentence =
      `spec.${field}.type cannot become ${type} while the server's defaults stand in spec.${field}.rollingUpdate, which no apply ` +
      `removes; remove them first: kubectl patch ${kind.toLowerCase()} ${is.metadata.name} --type merge --patch ` +
      `'{"spec":{"${field}":{"type":"${type}","rollingUpdate":null}}}'`;
    return [{ effect: 'refused', field: `spec.${field}.type`, sentence }];
  });
}

/** Argo CD deletes and creates these anew, so nothing is refused. */
function isRecreated({ metadata }: KubernetesObject): boolean {
  const options = metadata.annotations?.['argocd.argoproj.io/sync-options'] ?? '';
  const isForced = /(^|,)\s*Force=true/.test(options) && /(^|,)\s*Replace=true/.test(options);
  return isForced || metadata.annotations?.['argocd.argoproj.io/hook'] !== undefined;
}

/** Shrinking is validated, growing is admitted (PersistentVolumeClaimResize) only where the class allows it. */
function claimSize(was: ObjectFields, is: ObjectFields, expandable: (storageClass: string) => boolean): Effected[] {
  const [before, after] = [was, is].map(({ spec }) => spec?.resources?.requests?.['storage']);
  if (before === undefined || after === undefined) return [];
  const [old, fresh] = [parseQuantity(before), parseQuantity(after)];
  if (old === undefined || fresh === undefined) return []; // The schema rule names it.
  const field = 'spec.resources.requests.storage';
  if (fresh < old) {
    const sentence = `a claim cannot shrink, from ${before} to ${after}; make a claim of another name and move the data`;
    return [{ effect: 'refused', field, sentence }];
  }
  const storageClass = String(is.spec?.['storageClassName'] ?? '');
  if (fresh === old || expandable(storageClass)) return [];
  const sentence = `the claim cannot grow from ${before} to ${after}: ${
    storageClass === ''
      ? 'it has no storage class, and only a class can allow it'
      : `no StorageClass ${storageClass} with allowVolumeExpansion is among the manifests`
  }; make a claim of another name and move the data`;
  return [{ effect: 'refused', field, sentence }];
}

/** Without fields that are undefined. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value)) as unknown;
}
