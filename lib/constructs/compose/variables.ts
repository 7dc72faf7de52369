import type { SecretReference } from '../../kubernetes/secret';
import type { Environment } from '../pod/environment';
import { literal } from './literal';

/** The variable behind a key of a Secret, such as `DATABASE_PASSWORD` of the Secret `database`. */
export function variableOf({ secret, key }: SecretReference): string {
  return `${secret.name}_${key}`.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_');
}

/** Environment of a service: Secrets become variables that Compose insists on. */
export function toVariables(environment: Environment): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [
      name,
      typeof value === 'string' ? literal(value) : `\${${variableOf(value)}:?set it in .env}`,
    ]),
  );
}
