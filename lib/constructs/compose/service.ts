import { posix } from 'node:path';
import type { ContainerProps, InitContainerProps } from '../pod/container';
import type { Environment } from '../pod/environment';
import { NON_ROOT_USER, type PodProps } from '../pod/pod';
import { toFileSystem, type FileSystem } from './file-system';
import { toHealthCheck, type HealthCheck, type Prober } from './health-check';
import { literal } from './literal';
import { toVariables } from './variables';

/** What a pod does not say of its service. */
export interface ServiceOptions {
  /** Name of the service, which is its host name to the others. */
  readonly name: string;
  /** How the image can ask itself, where a probe asks over the network. */
  readonly prober?: Prober;
  /** Containers of the pod that one machine needs none of, by name. @default none */
  readonly without?: readonly string[];
  /** Work that a person or a program starts: it is not started with the others, nor again when it ends. @default false */
  readonly onlyByHand?: boolean;
  /** Ports that the machine publishes. @default none */
  readonly published?: readonly number[];
}

/** A service with what the file must declare for it. */
export interface ComposeService extends Omit<FileSystem, 'service'> {
  /** Its key below `services`. */
  readonly name: string;
  /** What stands there, as in Docker's Compose specification. */
  readonly service: Readonly<Record<string, unknown>> & {
    /** How Docker knows that it serves. */
    readonly healthcheck?: HealthCheck;
  };
}

/**
 * A pod as a service of the Compose Specification, from the same props. What concerns the cluster alone is left out:
 * requests, limits, node, priority, names of ports, and the sleep before a stop (no endpoint has to forget the container).
 *
 * @throws Error when the pod has what one container under Compose cannot have.
 */
export function toComposeService(pod: PodProps, options: ServiceOptions): ComposeService {
  const { name, prober, published = [], onlyByHand = false } = options;
  const { before, containers } = containersOf(pod, options);
  const [container] = containers;
  refuseSidecars(name, containers);
  const runAs = pod.runAs ?? NON_ROOT_USER;
  const all = [...before, container!];
  const { service, ...declared } = toFileSystem(
    name,
    all.flatMap(({ mounts = [] }) => mounts),
    runAs,
  );
  const healthcheck = container!.probes && toHealthCheck(container!.probes, prober, name);
  const environment = environmentOf(name, all);
  return {
    name,
    ...declared,
    service: {
      image: container!.image,
      // A service of a profile starts only when it is named: https://docs.docker.com/reference/compose-file/profiles/
      ...(onlyByHand ? { profiles: ['by-hand'], restart: 'no' } : { restart: 'unless-stopped' }),
      user: `${runAs.user}:${runAs.group}`,
      ...(pod.volumeGroup !== undefined && { group_add: [String(pod.volumeGroup)] }),
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      ...startOf(name, container!, before),
      ...(Object.keys(environment).length > 0 && { environment: toVariables(environment) }),
      ...service,
      ...(published.length > 0 && { ports: published.map((port) => `${port}:${port}`) }),
      ...(pod.fallbackNameServers && { dns: [...pod.fallbackNameServers] }),
      ...(pod.labels && { labels: { ...pod.labels } }),
      ...(healthcheck && { healthcheck }),
      stop_grace_period: `${pod.terminationGracePeriodSeconds ?? 30}s`,
    },
  };
}

function environmentOf(name: string, containers: readonly InitContainerProps[]): Environment {
  const all: Record<string, Environment[string]> = {};
  for (const [variable, value] of containers.flatMap(({ environment = {} }) => Object.entries(environment))) {
    if (variable in all && JSON.stringify(all[variable]) !== JSON.stringify(value)) {
      throw new Error(`${name}: ${variable}: its containers give it different values, and under Compose they are one.`);
    }
    all[variable] = value;
  }
  return all;
}

/**
 * Entry point and arguments. Compose has no init containers that share a folder in memory with the others, so those of the
 * same image run in the same container, before the program itself takes over.
 */
function startOf(name: string, container: ContainerProps, before: readonly InitContainerProps[]) {
  const { command, args } = container;
  if (before.length === 0)
    return {
      ...(command && { entrypoint: command.map(literal) }),
      ...(args && { command: args.map(literal) }),
    };
  for (const one of before) {
    if (one.image === container.image && one.command && command) continue;
    throw new Error(
      `${name}: init container ${one.name}: under Compose it runs in the container itself, so both need the same image and a command of their own.`,
    );
  }
  const script = [...before.map((one) => quoted([...one.command!, ...(one.args ?? [])])), 'exec "$@"'].join(' && ');
  return {
    entrypoint: ['/bin/sh', '-c', script, posix.basename(command![0]!), ...command!].map(literal),
    ...(args && { command: args.map(literal) }),
  };
}

/** Words as a POSIX shell reads them back. */
function quoted(words: readonly string[]): string {
  return words.map((word) => (/^[\w./:=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ');
}

/** The pod's containers less those left out. */
function containersOf(pod: PodProps, { name, without = [] }: ServiceOptions) {
  const all = [...(pod.initContainers ?? []), ...pod.containers].map((one) => one.name);
  const unknown = without.find((one) => !all.includes(one));
  if (unknown !== undefined)
    throw new Error(`${name}: it has no container ${unknown} to leave out; it has ${all.join(', ')}.`);
  const stays = (one: { readonly name: string }) => !without.includes(one.name);
  return { before: (pod.initContainers ?? []).filter(stays), containers: pod.containers.filter(stays) };
}

function refuseSidecars(name: string, containers: readonly ContainerProps[]): void {
  if (containers.length === 1) return;
  throw new Error(
    `${name}: ${containers.length} containers: under Compose a service is one; make the others services.`,
  );
}
