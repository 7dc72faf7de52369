import type { k8s } from '../typed-kinds';
import type { SecretReference } from '../../kubernetes/secret';

/** Environment variables: literal text, or a key of a Secret. Order is kept. */
export type Environment = Readonly<Record<string, string | SecretReference>>;

/** Kubernetes' form of the variables. */
export function toEnvVars(environment: Environment): k8s.EnvVar[] {
  return Object.entries(environment).map(([name, value]) =>
    typeof value === 'string'
      ? { name, value }
      : { name, valueFrom: { secretKeyRef: { name: value.secret.name, key: value.key } } },
  );
}

/** The Secret keys that the variables read. */
export function secretsOfEnvironment(environment: Environment): SecretReference[] {
  return Object.values(environment).filter((value) => typeof value !== 'string');
}
