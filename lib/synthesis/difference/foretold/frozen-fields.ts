import { parseQuantity } from '../../../kubernetes/quantity';
import type { KubernetesObject } from '../../../kubernetes/object';

export type Fields = Readonly<Record<string, unknown>>;

/** What rows look into, of whatever kind it is; the rest they pick or leave out by name. */
interface SpecFields extends Fields {
  readonly completionMode?: string;
  readonly completions?: number;
  readonly parallelism?: number;
  readonly suspend?: boolean;
  readonly template?: { readonly metadata?: Fields; readonly spec?: Fields };
  readonly volumeClaimTemplates?: readonly ClaimTemplate[];
  readonly resources?: ClaimResources;
  readonly names?: { readonly kind?: string };
  readonly scopes?: readonly string[];
  readonly type?: string;
  readonly ipFamilies?: readonly string[];
}

interface ClaimResources {
  readonly requests?: Readonly<Record<string, unknown>>;
  readonly limits?: Fields;
}

interface ClaimTemplate {
  readonly spec?: { readonly resources?: ClaimResources };
}

export interface ObjectFields extends Fields {
  readonly kind: string;
  readonly metadata: KubernetesObject['metadata'];
  readonly spec?: SpecFields;
  readonly data?: Readonly<Record<string, string>>;
  readonly stringData?: Readonly<Record<string, string>>;
  readonly roleRef?: Fields;
}

interface BothSides {
  readonly was: ObjectFields;
  readonly is: ObjectFields;
}

/** Fields of a kind that stay as they were created. */
interface Frozen {
  /** `<kind>.<group>`, the group left out for the core API. */
  readonly kinds: readonly string[];
  /** The part of an object that must stay, with the server's defaults filled in, so that writing one out is no change. */
  readonly part: (object: ObjectFields, sides: BothSides) => unknown;
  /** Function of kubernetes/kubernetes v1.34 that refuses it. */
  readonly source: string;
  /** What to do instead. */
  readonly remedy: string;
}

const RECREATE = 'give the new one another name, or delete the old one by hand first';

/** What stays as it was created, by kind. Source: https://github.com/kubernetes/kubernetes/tree/v1.34.4/pkg/apis, the functions that each row names. */
export const FROZEN_FIELDS: readonly Frozen[] = [
  {
    kinds: ['Deployment.apps', 'DaemonSet.apps', 'ReplicaSet.apps'],
    part: ({ spec }) => ({ spec: { selector: spec?.selector } }),
    source: 'apps/validation: ValidateDeploymentUpdate, ValidateDaemonSetSpecUpdate, ValidateReplicaSetUpdate',
    remedy: RECREATE,
  },
  {
    kinds: ['StatefulSet.apps'],
    part: ({ spec }) => ({
      spec: {
        podManagementPolicy: 'OrderedReady',
        ...without(spec, [
          'replicas',
          'ordinals',
          'template',
          'updateStrategy',
          'revisionHistoryLimit',
          'persistentVolumeClaimRetentionPolicy',
          'minReadySeconds',
        ]),
        volumeClaimTemplates: list(spec?.volumeClaimTemplates).map(claimTemplate),
      },
    }),
    source: 'apps/validation: ValidateStatefulSetUpdate',
    remedy: 'delete it with --cascade=orphan and let Argo CD create it anew, which keeps its pods and claims',
  },
  {
    kinds: ['Job.batch'],
    part: ({ spec = {} }, { was, is }) => ({
      spec: {
        completionMode: 'NonIndexed',
        ...pick(spec, ['selector', 'completionMode', 'podFailurePolicy', 'backoffLimitPerIndex', 'managedBy', 'successPolicy']),
        ...(isElastic(was.spec) && isElastic(is.spec) ? {} : completionsOf(spec, was.spec ?? {}, is.spec ?? {})),
        template: jobTemplate(spec, was.spec?.suspend === true),
      },
    }), // prettier-ignore
    source: 'batch/validation: ValidateJobSpecUpdate',
    remedy: 'name the Job for what it runs, so that a changed one is a new one',
  },
  {
    kinds: ['PersistentVolume'],
    part: ({ spec = {} }, { was }) => ({
      spec: {
        volumeMode: 'Filesystem',
        ...without(spec, [
          'accessModes',
          'capacity',
          'claimRef',
          'mountOptions',
          'persistentVolumeReclaimPolicy',
          'storageClassName',
          'volumeAttributesClassName',
          ...(was.spec?.nodeAffinity ? [] : ['nodeAffinity']),
        ]),
      },
    }),
    source: 'core/validation: ValidatePersistentVolumeUpdate',
    remedy: 'make a volume of another name and move the data, as docs/how-to/restore-postgres-to-another-node.md does',
  },
  {
    kinds: ['PersistentVolumeClaim'],
    part: ({ spec = {} }, { was }) => ({
      spec: {
        volumeMode: 'Filesystem',
        ...without(spec, [
          'resources',
          'volumeAttributesClassName',
          // May be set once, by the controller or by hand.
          ...(was.spec?.volumeName ? [] : ['volumeName']),
        ]),
        ...(spec.resources?.limits && { resources: { limits: spec.resources.limits } }),
      },
    }),
    source: 'core/validation: ValidatePersistentVolumeClaimUpdate',
    remedy: 'make a claim of another name and move the data',
  },
  {
    kinds: ['Secret'],
    part: (object, { was }) => ({
      type: object.type ?? 'Opaque',
      ...(was.immutable === true && { immutable: object.immutable, data: secretData(object) }),
    }),
    source: 'core/validation: ValidateSecretUpdate',
    remedy: RECREATE,
  },
  {
    kinds: ['ConfigMap'],
    part: (object, { was }) => (was.immutable === true ? pick(object, ['immutable', 'data', 'binaryData']) : {}),
    source: 'core/validation: ValidateConfigMapUpdate',
    remedy: RECREATE,
  },
  {
    kinds: ['StorageClass.storage.k8s.io'],
    part: (object) => ({
      reclaimPolicy: 'Delete',
      volumeBindingMode: 'Immediate',
      ...pick(object, ['parameters', 'provisioner', 'reclaimPolicy', 'volumeBindingMode']),
    }),
    source: 'storage/validation: ValidateStorageClassUpdate',
    remedy: RECREATE,
  },
  {
    kinds: ['VolumeAttributesClass.storage.k8s.io'],
    part: (object) => pick(object, ['driverName', 'parameters']),
    source: 'storage/validation: ValidateVolumeAttributesClassUpdate',
    remedy: RECREATE,
  },
  {
    kinds: ['RoleBinding.rbac.authorization.k8s.io', 'ClusterRoleBinding.rbac.authorization.k8s.io'],
    part: ({ roleRef }) => ({ roleRef: { apiGroup: 'rbac.authorization.k8s.io', ...roleRef } }),
    source: 'rbac/validation: ValidateRoleBindingUpdate, ValidateClusterRoleBindingUpdate',
    remedy: RECREATE,
  },
  {
    kinds: ['PriorityClass.scheduling.k8s.io'],
    part: ({ value = 0, preemptionPolicy = 'PreemptLowerPriority' }) => ({ value, preemptionPolicy }),
    source: 'scheduling/validation: ValidatePriorityClassUpdate',
    remedy: RECREATE,
  },
  {
    kinds: ['ResourceQuota'],
    part: ({ spec }) => ({ spec: { scopes: [...new Set(list(spec?.scopes))].sort() } }),
    source: 'core/validation: ValidateResourceQuotaUpdate',
    remedy: RECREATE,
  },
  {
    kinds: ['IngressClass.networking.k8s.io'],
    part: ({ spec }) => ({ spec: { controller: spec?.controller } }),
    source: 'networking/validation: validateIngressClassSpecUpdate',
    remedy: RECREATE,
  },
  {
    kinds: ['RuntimeClass.node.k8s.io'],
    part: ({ handler }) => ({ handler }),
    source: 'node/validation: ValidateRuntimeClassUpdate',
    remedy: RECREATE,
  },
  {
    kinds: ['EndpointSlice.discovery.k8s.io'],
    part: ({ addressType }) => ({ addressType }),
    source: 'discovery/validation: ValidateEndpointSliceUpdate',
    remedy: RECREATE,
  },
  {
    kinds: ['CustomResourceDefinition.apiextensions.k8s.io'],
    part: ({ spec }) => ({ spec: { scope: spec?.scope, names: { kind: spec?.names?.kind } } }),
    source: 'apiextensions/validation: ValidateCustomResourceDefinitionUpdate, once it is established',
    remedy: 'a definition of another scope or kind is another definition; it takes every object of the old one with it',
  },
  {
    kinds: ['Service'],
    part: serviceAddresses,
    source: 'core/validation: ValidateServiceUpdate',
    remedy: 'delete the Service by hand first; its callers fail until it is back',
  },
];

/** The API server stores what `stringData` says as `data`. */
function secretData({ data = {}, stringData = {} }: ObjectFields): Record<string, string> {
  const encoded = Object.entries(stringData).map(([key, text]) => [key, Buffer.from(text).toString('base64')] as const);
  return { ...data, ...Object.fromEntries(encoded) };
}

/** Scheduling of a suspended Job may still change, and that of no other. */
function jobTemplate(spec: SpecFields, wasSuspended: boolean): unknown {
  if (!wasSuspended) return spec.template;
  const { metadata, spec: pod, ...rest } = spec.template ?? {};
  const meta = without(metadata, ['labels', 'annotations']);
  return {
    ...rest,
    ...(Object.keys(meta).length > 0 && { metadata: meta }),
    spec: without(pod, ['nodeSelector', 'affinity', 'tolerations', 'schedulingGates']),
  };
}

/** An indexed Job may change its completions together with its parallelism. */
function isElastic(spec: SpecFields | undefined): boolean {
  return spec?.completionMode === 'Indexed' && spec.completions !== undefined && spec.completions === spec.parallelism;
}

/** Left out on both sides it is what the server made of it once, 1 where parallelism was left out as well. */
function completionsOf(spec: SpecFields, was: SpecFields, is: SpecFields): Fields {
  if (was.completions === undefined && is.completions === undefined) return {};
  const before = was.completions ?? (was.parallelism === undefined ? 1 : undefined);
  return { completions: spec === was ? before : is.completions };
}

function claimTemplate(template: ClaimTemplate): unknown {
  const { requests, ...resources } = template?.spec?.resources ?? {};
  // `1Gi` and `1024Mi` are one size.
  const sizes = Object.entries(requests ?? {}).map(
    ([name, amount]) => [name, parseQuantity(amount) ?? amount] as const,
  );
  const spec = { volumeMode: 'Filesystem', ...template?.spec };
  return { ...template, spec: { ...spec, resources: { ...resources, requests: Object.fromEntries(sizes) } } };
}

/** Addresses that were handed out stay; what a manifest leaves out, the server keeps. */
function serviceAddresses({ spec = {} }: ObjectFields, { was, is }: BothSides): unknown {
  const types = [was.spec?.type, is.spec?.type];
  const isGiven = (field: string) => (is.spec?.[field] ?? '') !== '' && !types.includes('ExternalName');
  return {
    spec: {
      ...(isGiven('clusterIP') && { clusterIP: spec.clusterIP }),
      ...(isGiven('ipFamilies') && was.spec?.ipFamilies && { ipFamilies: [spec.ipFamilies?.[0]] }),
      ...(types.every((type) => type === 'LoadBalancer') && { loadBalancerClass: spec.loadBalancerClass }),
    },
  };
}

function pick(object: Fields | undefined, fields: readonly string[]): Fields {
  return Object.fromEntries(
    fields.filter((field) => object?.[field] !== undefined).map((field) => [field, object?.[field]]),
  );
}

function without(object: Fields | undefined, fields: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(object ?? {}).filter(([field]) => !fields.includes(field)));
}

/** A list, whatever is there: the schema rule says what is wrong with a field that is not one. */
function list<Item>(value: readonly Item[] | undefined): readonly Item[] {
  return Array.isArray(value) ? (value as readonly Item[]) : [];
}
