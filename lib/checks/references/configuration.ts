import type { PlacedOf } from '../objects/kinds';
import type { SecretContract } from '../../kubernetes/secret-contract';
import { asList, podField, type PodTemplate } from '../objects/pod-template';
import { wiringRule, type Rule, type Violation } from '../rule';
import type { Scope } from '../objects/scope';
import { filesIn } from '../objects/volumes';

/** A Secret or ConfigMap, or one key of it, as a pod names it. */
interface Reference {
  readonly kind: 'Secret' | 'ConfigMap';
  readonly name: string;
  readonly key?: string;
  readonly field: string;
  readonly optional: boolean;
}

/** Rules of names that lead to Secrets, ConfigMaps and service accounts. */
export const configurationRules: readonly Rule[] = [
  wiringRule(
    {
      id: 'secret-keys-have-a-contract',
      why: 'Secrets are seeded from their contracts: a pod that asks for anything else never starts.',
      remedy: 'add the key to the contract, or correct the name',
    },
    function* (scope, model) {
      for (const pod of scope.pods) {
        for (const reference of referencesOf(pod)) {
          if (reference.kind !== 'Secret' || reference.optional) continue;
          const message = missingSecret(reference, pod.namespace, model.secrets);
          if (message) yield { at: pod.at, field: reference.field, message };
        }
      }
    },
  ),
  wiringRule(
    {
      id: 'secret-readers-are-declared',
      why: 'The contract tells whoever rotates a secret what must be restarted.',
      remedy: 'declare the component as a reader of the contract',
    },
    function* (scope, model) {
      for (const pod of scope.pods) {
        for (const reference of referencesOf(pod)) {
          const contract =
            reference.kind === 'Secret' ? findContract(model.secrets, pod.namespace, reference.name) : undefined;
          if (
            !contract ||
            contract.readers.includes(pod.at.file.component) ||
            contract.readers.includes(pod.at.object.metadata.name)
          )
            continue;
          const message = `${pod.at.file.component} reads the Secret ${reference.name} and is not among its readers (${contract.readers.join(', ')})`;
          yield { at: pod.at, field: reference.field, message };
        }
      }
    },
  ),
  wiringRule(
    {
      id: 'config-map-keys-exist',
      why: 'A pod that names a missing ConfigMap or key never starts.',
      remedy: 'correct the name, or add the ConfigMap or the key',
    },
    function* (scope) {
      for (const pod of scope.pods) {
        for (const reference of referencesOf(pod)) {
          if (reference.kind !== 'ConfigMap' || reference.optional) continue;
          const message = missingConfigMap(scope, reference, pod.namespace);
          if (message) yield { at: pod.at, field: reference.field, message };
        }
        yield* missingParts(scope, pod);
      }
    },
  ),
  wiringRule(
    {
      id: 'references-are-required',
      why: 'A pod that may start without its Secret or ConfigMap does so, and works with nothing or with a default.',
      remedy: 'leave optional out, so that the pod waits for what it needs',
    },
    function* (scope) {
      for (const pod of scope.pods) {
        for (const { kind, name, field, optional } of referencesOf(pod)) {
          if (optional) yield { at: pod.at, field, message: `the ${kind} ${name} is optional` };
        }
      }
    },
  ),
  wiringRule(
    {
      id: 'service-accounts-exist',
      why: 'Pods of a missing service account are never created.',
      remedy: 'add the ServiceAccount, or leave serviceAccountName out',
    },
    function* (scope) {
      for (const pod of scope.pods) {
        const name: string | undefined = pod.spec.serviceAccountName;
        if (!name || name === 'default' || scope.find('ServiceAccount', pod.namespace, name)) continue;
        yield { at: pod.at, field: podField(pod, 'serviceAccountName'), message: `there is no ServiceAccount ${name}` };
      }
      for (const at of scope.ofKind('RoleBinding', 'ClusterRoleBinding')) yield* danglingSubjects(scope, at);
    },
  ),
];

/** A mount of one file of a ConfigMap is that file: it needs to be there, and nothing lies below its path. */
function* missingParts(scope: Scope, pod: PodTemplate): Iterable<Violation> {
  const volumes = new Map(asList(pod.spec.volumes).map((volume) => [volume.name, volume]));
  for (const { spec, field } of pod.containers) {
    for (const [index, { name, subPath, mountPath = '' }] of asList(spec.volumeMounts).entries()) {
      const volume = volumes.get(name);
      const known = volume?.configMap && filesIn(scope, pod, volume);
      if (!known || subPath === undefined) continue;
      const where = `${field}.volumeMounts[${index}].subPath`;
      const below = [spec.command, spec.args].flat().find((word) => String(word ?? '').startsWith(`${mountPath}/`));
      if (!known.includes(String(subPath)))
        yield {
          at: pod.at,
          field: where,
          message: `the ConfigMap ${volume.configMap.name} has no key ${subPath} (it has ${known.join(', ')})`,
        };
      else if (below !== undefined)
        yield {
          at: pod.at,
          field: where,
          message: `${mountPath} is the one file ${subPath}, and ${String(below)} is looked for below it`,
        };
    }
  }
}

function* danglingSubjects(scope: Scope, at: PlacedOf<'RoleBinding' | 'ClusterRoleBinding'>): Iterable<Violation> {
  for (const [index, subject] of asList(at.object.subjects).entries()) {
    if (subject.kind !== 'ServiceAccount' || subject.name === 'default') continue;
    const namespace = subject.namespace ?? at.namespace;
    if (scope.find('ServiceAccount', namespace, subject.name)) continue;
    yield { at, field: `subjects[${index}]`, message: `there is no ServiceAccount ${subject.name} in ${namespace}` };
  }
}

function missingSecret(
  { name, key }: Reference,
  namespace: string,
  contracts: readonly SecretContract[],
): string | undefined {
  const contract = findContract(contracts, namespace, name);
  if (!contract) return `no contract declares the Secret ${name} in namespace ${namespace}`;
  if (key === undefined || contract.keys.some((candidate) => candidate.name === key)) return undefined;
  return `the contract of the Secret ${name} has no key ${key} (it has ${contract.keys.map((candidate) => candidate.name).join(', ')})`;
}

function findContract(
  contracts: readonly SecretContract[],
  namespace: string,
  name: string,
): SecretContract | undefined {
  return contracts.find((contract) => contract.namespace === namespace && contract.name === name);
}

function missingConfigMap(scope: Scope, { name, key }: Reference, namespace: string): string | undefined {
  const configMap = scope.find('ConfigMap', namespace, name);
  if (!configMap) return `there is no ConfigMap ${name}`;
  const keys = Object.keys({ ...configMap.object.data, ...configMap.object.binaryData });
  if (key === undefined || keys.includes(key)) return undefined;
  return `the ConfigMap ${name} has no key ${key} (it has ${keys.join(', ')})`;
}

const FORMS = [
  { kind: 'Secret', variable: 'secretKeyRef', from: 'secretRef', volume: 'secret' },
  { kind: 'ConfigMap', variable: 'configMapKeyRef', from: 'configMapRef', volume: 'configMap' },
] as const;

function* referencesOf(pod: PodTemplate): Iterable<Reference> {
  for (const form of FORMS) {
    for (const { spec, field } of pod.containers) {
      for (const [index, variable] of asList(spec.env).entries()) {
        const source = variable.valueFrom?.[form.variable];
        if (source)
          yield {
            kind: form.kind,
            name: String(source.name),
            key: source.key,
            field: `${field}.env[${index}]`,
            optional: source.optional === true,
          };
      }
      for (const [index, origin] of asList(spec.envFrom).entries()) {
        const source = origin[form.from];
        if (source)
          yield {
            kind: form.kind,
            name: String(source.name),
            field: `${field}.envFrom[${index}]`,
            optional: source.optional === true,
          };
      }
    }
    for (const [index, volume] of asList(pod.spec.volumes).entries()) {
      const field = podField(pod, `volumes[${index}]`);
      const direct = volume[form.volume];
      const name = form.volume === 'secret' ? volume.secret?.secretName : volume.configMap?.name;
      if (direct) yield* volumeReferences(form.kind, String(name), direct, field);
      for (const source of asList(volume.projected?.sources)) {
        const projected = source[form.volume];
        if (projected) yield* volumeReferences(form.kind, String(projected.name), projected, field);
      }
    }
  }
  for (const [index, { name }] of asList(pod.spec.imagePullSecrets).entries()) {
    yield { kind: 'Secret', name: String(name), field: podField(pod, `imagePullSecrets[${index}]`), optional: false };
  }
}

function* volumeReferences(
  kind: Reference['kind'],
  name: string,
  source: { readonly items?: readonly { readonly key?: string }[]; readonly optional?: boolean },
  field: string,
): Iterable<Reference> {
  const optional = source.optional === true;
  if (!source.items) yield { kind, name, field, optional };
  for (const { key } of source.items ?? []) yield { kind, name, key, field, optional };
}
