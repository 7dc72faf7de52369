import { IPv4 } from 'ipaddr.js';
import { stringify } from 'yaml';
import type { Component } from '../component';
import { PodOwner } from '../pod/pod-owner';
import { toComposeService, type ComposeService, type ServiceOptions } from './service';

/** What the components do not say of the file. */
export interface ComposeFileOptions {
  /** Name of the Compose project. */
  readonly project: string;
  /** Comment lines at the top. */
  readonly header: readonly string[];
  /** Addresses of the one network, in CIDR notation. */
  readonly subnet: string;
  /** Options of services that have some, by name. */
  readonly services?: Readonly<Record<string, Omit<ServiceOptions, 'name'>>>;
}

/**
 * Components under Docker Compose on one machine: each of their pods is a service, made from the same props as the
 * manifests. A service waits for those that it is declared to call.
 *
 * Format: the Compose Specification; inline `configs` need Docker Compose 2.23.1, `start_interval` Docker Engine 25.
 *
 * @throws Error when a pod cannot be a service, two files of one name differ, or options name no service.
 */
export function toComposeFile(components: readonly Component[], options: ComposeFileOptions): string {
  const { project, header, subnet, services: optionsOf = {} } = options;
  if (!IPv4.isValidCIDR(subnet) || IPv4.parseCIDR(subnet)[0].range() !== 'private')
    throw new Error(
      `Compose file: subnet: "${subnet}" is no private range of addresses; write it as in 172.30.0.0/24.`,
    );
  const owners = components.flatMap((component) => component.node.findAll()).filter(isPodOwner);
  refuseUnknown(
    Object.keys(optionsOf),
    owners.map(({ podName }) => podName),
  );
  refuseEndless(owners, optionsOf);
  const services = owners
    .map(({ pod, podName: name }) => toComposeService(pod, { ...optionsOf[name], name }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const calls = components.flatMap(({ edges }) => edges);
  const configs = mapEach(services, 'configs', (content) => ({ content }));
  const secrets = mapEach(services, 'secrets', (environment) => ({ environment }));
  const file = {
    name: project,
    services: Object.fromEntries(
      services.map(({ name, service }) => [name, { ...service, ...dependenciesOf(name, calls, services) }]),
    ),
    ...(Object.keys(configs).length > 0 && { configs }),
    ...(Object.keys(secrets).length > 0 && { secrets }),
    networks: { default: { ipam: { config: [{ subnet }] } } },
    volumes: Object.fromEntries(services.flatMap(({ volumes }) => volumes).map((volume) => [volume, {}])),
  };
  const comment = header.map((line) => `# ${line}\n`).join('');
  return comment + stringify(file, { lineWidth: 0, aliasDuplicateObjects: false });
}

/** `instanceof` is of no use: cdk8s lets every API object pass for every kind. */
function isPodOwner(construct: object): construct is PodOwner {
  return Object.prototype.isPrototypeOf.call(PodOwner.prototype, construct);
}

/** Docker would start again and again what has done its work. */
function refuseEndless(owners: readonly PodOwner[], optionsOf: NonNullable<ComposeFileOptions['services']>): void {
  const job = owners.find(({ kind, podName }) => /Job$/.test(kind) && optionsOf[podName]?.onlyByHand !== true);
  if (!job) return;
  throw new Error(
    `Compose file: ${job.podName} is a ${job.kind}, which ends, and Docker would start it again for ever; set onlyByHand in its options.`,
  );
}

function refuseUnknown(names: readonly string[], services: readonly string[]): void {
  const unknown = names.find((name) => !services.includes(name));
  if (unknown === undefined) return;
  throw new Error(
    `Compose file: options are given for ${unknown}, which is none of the components' pods (${services.join(', ')}); correct the name.`,
  );
}

function dependenciesOf(name: string, calls: Component['edges'], services: readonly ComposeService[]) {
  const called = services.filter((service) => calls.some(({ from, to }) => from === name && to === service.name));
  if (called.length === 0) return {};
  const conditionOf = ({ service }: ComposeService) => (service.healthcheck ? 'service_healthy' : 'service_started');
  return { depends_on: Object.fromEntries(called.map((one) => [one.name, { condition: conditionOf(one) }])) };
}

/** The declarations of all services by name. */
function mapEach<T>(
  services: readonly ComposeService[],
  field: 'configs' | 'secrets',
  declare: (text: string) => T,
): Record<string, T> {
  const all = new Map<string, string>();
  for (const [name, text] of services.flatMap((service) => [...service[field]])) {
    if (all.has(name) && all.get(name) !== text) {
      throw new Error(`Compose file: ${field} has two different entries called ${name}; rename one of the files.`);
    }
    all.set(name, text);
  }
  return Object.fromEntries([...all].map(([name, text]) => [name, declare(text)]));
}
