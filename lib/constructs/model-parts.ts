import type { App, Chart } from 'cdk8s';
import { Component, type DeclaredConnection } from './component';
import type { Connection, RuleException } from './platform-model';
import type { Secret } from '../kubernetes/secret';
import type { SecretContract } from '../kubernetes/secret-contract';

/** What components declared beyond their objects: the parts of the platform model that no manifest holds. */
export interface ModelParts {
  /** Contracts of the Secrets that components read. */
  readonly secrets: readonly SecretContract[];
  /** `<secret>: <key>` of contracts, or of keys of one, that no component reads. */
  readonly unreadSecretKeys: readonly string[];
  /** Who calls whom, as declared. */
  readonly connections: readonly Connection[];
  /** Objects that a rule need not hold for. */
  readonly exceptions: readonly RuleException[];
}

/** The components of apps, in the order in which they were made. */
export function componentsOf(...apps: readonly App[]): Component[] {
  return apps.flatMap((app) => app.charts.filter(isComponent));
}

/** `instanceof` is of no use: cdk8s lets every chart pass for every kind of chart. */
function isComponent(chart: Chart): chart is Component {
  return Object.prototype.isPrototypeOf.call(Component.prototype, chart);
}

/** The declared connections of components, each once. */
export function connectionsOf(components: readonly Component[]): DeclaredConnection[] {
  const byText = new Map<string, DeclaredConnection>();
  for (const connection of components.flatMap((component) => component.connections)) {
    byText.set(JSON.stringify(connection), connection);
  }
  return [...byText.values()];
}

/**
 * Collects the declarations of components, and contracts that somebody wrote down (`declared`), read by a component or not.
 *
 * @throws Error when two contracts for one Secret differ.
 */
export function modelParts(components: readonly Component[], declared: readonly Secret[] = []): ModelParts {
  return {
    secrets: secretContracts(components),
    unreadSecretKeys: unreadKeys(components, declared),
    connections: unique(components.flatMap((component) => component.edges)),
    exceptions: unique(components.flatMap((component) => component.exceptions)),
  };
}

function secretContracts(components: readonly Component[]): SecretContract[] {
  const contracts = new Map<string, { contract: SecretContract; readers: Set<string> }>();
  for (const component of components) {
    for (const { reader, reference } of component.reading) {
      const { secret } = reference;
      const contract = { name: secret.name, namespace: component.componentNamespace, keys: secret.keys, readers: [] };
      const known = contracts.get(`${contract.namespace}/${contract.name}`);
      if (known && JSON.stringify(known.contract) !== JSON.stringify(contract)) {
        throw new Error(
          `Secret/${secret.name}: ${reader} and ${[...known.readers].join(', ')} declare it with different keys; declare it once, in facts/secrets.ts, and let both read that.`,
        );
      }
      const entry = known ?? { contract, readers: new Set<string>() };
      entry.readers.add(reader);
      contracts.set(`${contract.namespace}/${contract.name}`, entry);
    }
  }
  return [...contracts.values()].map(({ contract, readers }) => ({ ...contract, readers: [...readers].sort() }));
}

function unreadKeys(components: readonly Component[], declared: readonly Secret[]): string[] {
  const references = components.flatMap(({ reading }) => reading.map(({ reference }) => reference));
  const read = new Set(references.map(({ secret, key }) => `${secret.name}: ${key}`));
  const known = new Map(
    [...declared, ...references.map(({ secret }) => secret)].map((secret) => [secret.name, secret]),
  );
  return [...known.values()]
    .flatMap(({ name, keys }) => keys.map((key) => `${name}: ${key.name}`))
    .filter((key) => !read.has(key));
}

function unique<T>(items: readonly T[]): T[] {
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()];
}
