import { hostNamesIn } from '../objects/host-names';
import { isPlaced, type PlacedOf } from '../objects/kinds';
import { objectRule, type Rule } from '../rule';

/** Folders in memory, or emptied at a start (systemd-tmpfiles). */
const PASSING = ['/tmp', '/var/tmp', '/run', '/var/run', '/dev', '/proc', '/sys'];
/** Folders of the system and of K3s: https://docs.k3s.io/cli/server#data. */
const TAKEN = [
  ...['/bin', '/boot', '/etc', '/lib', '/root', '/sbin', '/usr', '/var/log', '/var/cache', '/var/spool'],
  ...['/var/lib/rancher', '/var/lib/kubelet', '/var/lib/cni', '/var/lib/dpkg', '/var/lib/apt', '/var/lib/systemd'],
];
const TOPS = ['/var/lib', '/var/opt', '/home'];
const isWithin = (path: string, folder: string) => path === folder || path.startsWith(`${folder}/`);

const NO_PROVISIONER = 'kubernetes.io/no-provisioner';

/** Rules that keep data from being lost. */
export const storageRules: readonly Rule[] = [
  objectRule(
    {
      id: 'data-is-never-pruned',
      why: 'Argo CD deletes what a commit removes: for volumes, claims and namespaces that is a loss of data.',
      remedy: 'annotate it with argocd.argoproj.io/sync-options: Prune=false,Delete=false',
    },
    function* (at) {
      if (['PersistentVolume', 'PersistentVolumeClaim', 'Namespace'].includes(at.object.kind)) {
        if (!isProtected(at.object.metadata.annotations)) {
          yield { at, field: 'metadata.annotations', message: `Argo CD may delete this ${at.object.kind}` };
        }
      }
    },
  ),
  objectRule(
    {
      id: 'volumes-are-retained',
      why: 'A volume that is deleted or recycled with its claim takes the data with it.',
      remedy: 'set the policy to Retain',
    },
    function* (at) {
      if (isPlaced(at, 'PersistentVolume') && at.object.spec?.persistentVolumeReclaimPolicy !== 'Retain') {
        const policy = at.object.spec?.persistentVolumeReclaimPolicy ?? 'not set';
        yield { at, field: 'spec.persistentVolumeReclaimPolicy', message: `the reclaim policy is ${policy}` };
      }
      const kept = isPlaced(at, 'StatefulSet') ? at.object.spec?.persistentVolumeClaimRetentionPolicy : undefined;
      for (const [when, what] of Object.entries(kept ?? {})) {
        if (what === 'Retain') continue;
        const field = `spec.persistentVolumeClaimRetentionPolicy.${when}`;
        yield {
          at,
          field,
          message: `the claims are gone ${when === 'whenDeleted' ? 'with the StatefulSet' : 'when it is scaled down'}`,
        };
      }
      if (isPlaced(at, 'StorageClass') && at.object.reclaimPolicy !== 'Retain') {
        yield {
          at,
          field: 'reclaimPolicy',
          message: `the reclaim policy is ${at.object.reclaimPolicy ?? 'Delete, the default'}`,
        };
      }
    },
  ),
  objectRule(
    {
      id: 'volumes-lie-where-data-stays',
      why: 'A folder that the system empties, or that other software keeps in order, loses what is put there.',
      remedy: 'write a folder of its own, such as /var/lib/ahuora/data',
    },
    function* (at) {
      if (!isPlaced(at, 'PersistentVolume')) return;
      const { local, hostPath } = at.object.spec ?? {};
      const path = String(local?.path ?? hostPath?.path ?? '/var/lib/own/data');
      const field = `spec.${local ? 'local' : 'hostPath'}.path`;
      const passing = PASSING.find((folder) => isWithin(path, folder));
      const taken = TAKEN.find((folder) => isWithin(path, folder));
      if (passing) yield { at, field, message: `${path}: what is in ${passing} is gone after a restart` };
      else if (taken) yield { at, field, message: `${path}: ${taken} belongs to the system or to K3s` };
      else if (path.split('/').filter(Boolean).length < 2 || TOPS.includes(path.replace(/\/$/, '')))
        yield { at, field, message: `${path} holds what other software keeps there as well` };
    },
  ),
  objectRule(
    {
      id: 'local-volumes-wait-for-their-pod',
      why: 'A local volume bound before its pod is placed may be on a node where the pod cannot run.',
      remedy: 'set volumeBindingMode to WaitForFirstConsumer',
    },
    function* (at) {
      const { kind, provisioner, volumeBindingMode } = at.object;
      if (kind !== 'StorageClass' || provisioner !== NO_PROVISIONER || volumeBindingMode === 'WaitForFirstConsumer')
        return;
      yield {
        at,
        field: 'volumeBindingMode',
        message: `the volumes are local, and the binding mode is ${volumeBindingMode ?? 'Immediate, the default'}`,
      };
    },
  ),
  {
    id: 'classes-of-local-volumes-provision-nothing',
    why: 'A provisioner makes a volume of its own wherever the pod happens to run, and the data made ready is passed over.',
    remedy: `set the provisioner to ${NO_PROVISIONER}`,
    over: 'object',
    *check(scope) {
      const named = new Set(scope.ofKind('PersistentVolume').map(({ object }) => object.spec?.storageClassName));
      for (const at of scope.ofKind('StorageClass')) {
        const { provisioner, metadata } = at.object;
        if (provisioner === NO_PROVISIONER || !named.has(metadata.name)) continue;
        const message = `the volumes of this class are written by hand, and ${provisioner ?? 'nobody'} provisions others`;
        yield { at, field: 'provisioner', message };
      }
    },
  },
  objectRule(
    {
      id: 'local-volumes-name-their-node',
      why: 'The data is on one node only; a pod started elsewhere would find an empty folder.',
      remedy: 'add a nodeAffinity that requires one kubernetes.io/hostname',
    },
    function* (at) {
      if (!isPlaced(at, 'PersistentVolume')) return;
      if (at.object.spec?.hostPath) {
        const message = 'a hostPath is made wherever a pod happens to run, and no scheduler knows of it';
        yield { at, field: 'spec.hostPath', message, remedy: 'write local: { path: … }' };
      }
      if (!at.object.spec?.local || nodesOf(at).length === 1) return;
      const nodes = nodesOf(at);
      const message =
        nodes.length === 0
          ? 'the volume is local and names no node'
          : `the volume is local and names ${nodes.length} nodes`;
      yield { at, field: 'spec.nodeAffinity', message };
    },
  ),
];

/** Host names that a PersistentVolume's node affinity requires. */
export function nodesOf(volume: PlacedOf<'PersistentVolume'>): string[] {
  return hostNamesIn(volume.object.spec?.nodeAffinity?.required?.nodeSelectorTerms);
}

function isProtected(annotations: Readonly<Record<string, string>> | undefined): boolean {
  const options = (annotations?.['argocd.argoproj.io/sync-options'] ?? '').split(',').map((option) => option.trim());
  return options.includes('Prune=false') && options.includes('Delete=false');
}
