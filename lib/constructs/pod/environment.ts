import type { k8s } from 'cdk8s-plus-28';
import type { SecretReference } from '../../kubernetes/secret';

/** A key of a ConfigMap: a container does not start before both are there. */
export interface ConfigReference {
  /** Name of the ConfigMap. */
  readonly configMap: string;
  /** One of its keys. */
  readonly key: string;
}

/** Environment variables: literal text, or a key of a Secret or ConfigMap. Order is kept. */
export type Environment = Readonly<Record<string, string | SecretReference | ConfigReference>>;

/** Kubernetes' form of the variables. */
export function toEnvVars(environment: Environment): k8s.EnvVar[] {
  return Object.entries(environment).map(([name, value]) => {
    if (typeof value === 'string') return { name, value };
    const { key } = value;
    return isOfSecret(value)
      ? { name, valueFrom: { secretKeyRef: { name: value.secret.name, key } } }
      : { name, valueFrom: { configMapKeyRef: { name: value.configMap, key } } };
  });
}

/** The Secret keys that the variables read. */
export function secretsOfEnvironment(environment: Environment): SecretReference[] {
  return Object.values(environment).filter(isOfSecret);
}

/** Whether a variable's value comes from a Secret. */
export function isOfSecret(value: Environment[string]): value is SecretReference {
  return typeof value !== 'string' && 'secret' in value;
}
