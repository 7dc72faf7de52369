import type { SecretReference } from '../../kubernetes/secret';
import { isOfSecret, type Environment } from '../pod/environment';
import { literal } from './literal';

/** The variable behind a key of a Secret, such as `DATABASE_PASSWORD` of the Secret `database`. */
export function variableOf({ secret, key }: SecretReference): string {
  return `${secret.name}_${key}`.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_');
}

/**
 * Environment of a service: Secrets become variables that Compose insists on.
 *
 * @throws Error for a key of a ConfigMap, which Compose has not.
 */
export function toVariables(environment: Environment): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).map(([name, value]) => {
      if (typeof value === 'string') return [name, literal(value)];
      if (isOfSecret(value)) return [name, `\${${variableOf(value)}:?set it in .env}`];
      throw new Error(
        `variable ${name}: its value is the key "${value.key}" of the ConfigMap ${value.configMap}, and Compose knows none; give it as text, or leave the container out of the Compose file.`,
      );
    }),
  );
}
