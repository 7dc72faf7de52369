import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { IPv4 } from 'ipaddr.js';
import { parse } from 'yaml';
import { refuseImpossibleArtefacts, stagedCharts } from './artefacts';
import { MACHINE_FACTS } from './machine-facts';
import { refuseBrokenTemplates, refuseMisspeltVariables } from './templates';

interface Address {
  readonly name: string;
  readonly address: string;
}

/** What Ansible tells all hosts, as far as manifests must agree with it. */
export interface GroupVariables {
  /** Names of the registries that the image mirror serves. */
  readonly registries: readonly string[];
  /** Addresses of pods and Services, CIDR. */
  readonly networks: {
    /** Of pods. */
    readonly pods: string;
    /** Of Services. */
    readonly services: string;
  };
  /** Version of K3s, such as `v1.34.4+k3s1`. */
  readonly clusterVersion: string;
  /** File names of the archives of charts that are staged for K3s. */
  readonly stagedCharts: readonly string[];
  /** Whether API server and controller manager know an autoscaler's own tolerance (feature gate `HPAConfigurableTolerance`). */
  readonly autoscalerTolerance: boolean;
  /** Domain of the names that hosts have on the LAN. */
  readonly domain: string;
  /** @throws Error when the staged archive of Argo CD's chart is of another version. */
  refuseOtherChart(version: string): void;
}

/**
 * Reads the variables of all hosts (`ansible/inventory/group_vars/all`), and refuses what the roles could make nothing of.
 *
 * @throws Error with one sentence naming file and variable.
 */
export function readGroupVariables(folder: string, shownAs: string, hosts: readonly Address[]): GroupVariables {
  const [main, shownMain] = [join(folder, 'main.yml'), `${shownAs}/main.yml`];
  const [file, shownFile] = [join(folder, 'versions.yml'), `${shownAs}/versions.yml`];
  const variables = readVariables(main, shownMain);
  refuseImpossibleVariables(variables, shownMain);
  const versions = readVariables(file, shownFile);
  refuseImpossibleVersions(versions, shownFile);
  const clusterVersion = readK3sVersion(file, shownFile);
  refuseMisspeltVariables(variables, join(folder, SCHEMA), shownMain);
  for (const group of ['gateway', 'server', 'agent']) {
    const own = join(folder, '..', group, 'main.yml');
    const shownOwn = shownAs.replace(/[^/]+$/, `${group}/main.yml`);
    if (existsSync(own)) refuseMisspeltVariables(readVariables(own, shownOwn), join(folder, SCHEMA), shownOwn);
  }
  const [artefacts, shownArtefacts] = [join(folder, 'artefacts.yml'), `${shownAs}/artefacts.yml`];
  const files = readVariables(artefacts, shownArtefacts);
  const known = [...MACHINE_FACTS, ...Object.keys(versions)];
  const vault = vaultKeys(join(folder, 'vault.example.yml'));
  refuseBrokenTemplates(variables, { known: [...known, ...Object.keys(files)], vault }, shownMain);
  refuseBrokenTemplates(files, { known: [...known, ...Object.keys(variables)], vault }, shownArtefacts);
  refuseImpossibleArtefacts(files, shownArtefacts);
  return {
    registries: registryUpstreams(variables, shownMain),
    networks: networksOf(variables, shownMain, hosts),
    clusterVersion,
    stagedCharts: stagedCharts(files, versions),
    autoscalerTolerance: autoscalerToleranceOf(variables, shownMain),
    domain: String(variables['domain_name']),
    refuseOtherChart(version) {
      const staged = versions['argocd_chart_version'];
      if (staged === version) return;
      throw new Error(
        `${shownFile}: argocd_chart_version: ${shown(staged)} is not the version ${version} of facts/chart-versions.ts, whose archive K3s would not find; write the same in both.`,
      );
    },
  };
}

/**
 * Names of the registries that the image mirror serves, as Ansible is told: nodes pull through the mirror alone.
 *
 * @throws Error when the list is missing or a row has no name.
 */
export function readRegistryUpstreams(file: string, shownAs: string = file): string[] {
  return registryUpstreams(readVariables(file, shownAs), shownAs);
}

/** Every variable that some role or playbook reads, from the folder of the variables. */
const SCHEMA = '../../../schemas/group-variables.json';

type Variables = Readonly<Record<string, unknown>>;

function registryUpstreams(variables: Variables, shownAs: string): string[] {
  const { registry_upstreams: rows } = variables as {
    registry_upstreams?: { name?: unknown; url?: unknown; port?: unknown }[];
  };
  if (!Array.isArray(rows) || rows.length === 0) {
    throw new Error(`${shownAs}: registry_upstreams is missing or empty; list the registries that the mirror serves.`);
  }
  const seen = new Map<string, string>();
  const refuseTwin = (field: string, value: string, where: string) => {
    const twin = seen.get(`${field} ${value}`);
    if (twin) throw new Error(`${where}.${field}: ${value} is that of ${twin} too; give each registry its own.`);
    seen.set(`${field} ${value}`, where.replace(`${shownAs}: `, ''));
  };
  return rows.map(({ name, url, port }, index) => {
    const where = `${shownAs}: registry_upstreams[${index}]`;
    if (typeof name !== 'string' || !REGISTRY.test(name))
      throw new Error(`${where}.name: ${shown(name)} is no registry; name it as images do, such as quay.io.`);
    refuseTwin('name', name, where);
    if (url !== undefined && (typeof url !== 'string' || !/^https:\/\/[a-z0-9.-]+(:\d+)?\/?$/.test(url)))
      throw new Error(`${where}.url: ${shown(url)} is no address of a registry; write it as in https://quay.io.`);
    if (url !== undefined) refuseTwin('url', String(url).replace(/\/$/, ''), where);
    if (port === undefined) return name;
    if (typeof port !== 'number' || !Number.isInteger(port) || port < 1024 || port > 65_535)
      throw new Error(
        `${where}.port: ${shown(port)} is no port that a service may open; write one from 1024 to 65535.`,
      );
    if (port === variables['registry_port'])
      throw new Error(`${where}.port: ${port} is registry_port too; give each a port of its own.`);
    refuseTwin('port', String(port), where);
    return name;
  });
}

const REGISTRY = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?\.[a-z]{2,}(:\d+)?$/;
const shown = (value: unknown) => (value === undefined ? 'nothing' : JSON.stringify(value));

/** How the image mirror can be run: the roles know these two. */
const ENGINES = ['oci-registry', 'distribution'];
const DOMAIN = /^([a-z0-9]([-a-z0-9]*[a-z0-9])?\.)+[a-z]{2,}$/;

/**
 * Holds further variables of all hosts against what the roles can make of them.
 *
 * @throws Error naming file and variable.
 */
function refuseImpossibleVariables(variables: Variables, shownAs: string): void {
  const { registry_engine: engine, domain_name: domain, registry_port: port } = variables;
  if (typeof port !== 'number' || !Number.isInteger(port) || port < 1024 || port > 65_535)
    throw new Error(
      `${shownAs}: registry_port: ${shown(port)} is no port that the mirror's user may open; write one from 1024 to 65535.`,
    );
  if (!ENGINES.includes(String(engine)))
    throw new Error(`${shownAs}: registry_engine: ${shown(engine)} is no engine; write one of ${ENGINES.join(', ')}.`);
  if (typeof domain !== 'string' || !DOMAIN.test(domain) || domain.endsWith('.local'))
    throw new Error(
      `${shownAs}: domain_name: ${shown(domain)} is no domain of the LAN; write one such as ahuora.internal (.local belongs to mDNS).`,
    );
}

/** Versions that stand without one there, and in the names of archives. */
const WITHOUT_LETTER = new Set(['argocd_chart_version', 'zerotier_version']);

/** Versions that stand with a v in the addresses that artefacts come from. */
const WITH_LETTER = new Set(['k6_version', 'node_version', 'docker_compose_version', 'oci_registry_version']);

/**
 * Holds every version that Ansible installs against the form of one.
 *
 * @throws Error naming file and variable.
 */
function refuseImpossibleVersions(variables: Variables, shownAs: string): void {
  for (const [name, value] of Object.entries(variables)) {
    if (!name.endsWith('_version')) continue;
    const form = name === 'k3s_version' ? /^v\d+\.\d+\.\d+\+k3s\d+$/ : /^v?\d+\.\d+\.\d+([-+][\w.]+)?$/;
    if (typeof value === 'string' && form.test(value)) {
      if (WITHOUT_LETTER.has(name) && value.startsWith('v'))
        throw new Error(`${shownAs}: ${name}: ${shown(value)} is not as it is published; write it as in 1.2.3.`);
      if (!WITH_LETTER.has(name) || value.startsWith('v')) continue;
      throw new Error(`${shownAs}: ${name}: ${shown(value)} is not as it is published; write it as in v1.2.3.`);
    }
    const like = name === 'k3s_version' ? 'v1.34.4+k3s1' : '1.2.3';
    throw new Error(`${shownAs}: ${name}: ${shown(value)} names no single version; write one such as ${like}.`);
  }
}

function readVariables(file: string, shownAs: string): Record<string, unknown> {
  try {
    return (parse(readFileSync(file, 'utf8')) ?? {}) as Record<string, unknown>;
  } catch (error) {
    const line = (error as { linePos?: { line: number }[] }).linePos?.[0]?.line;
    throw new Error(`${shownAs}${line === undefined ? '' : `:${line}`}: is not valid YAML; correct the syntax there.`);
  }
}

/** Keys that the vault has, as the example beside it lists them; none where there is no example. */
function vaultKeys(example: string): string[] {
  if (!existsSync(example)) return [];
  const { vault = {} } = readVariables(example, example) as { vault?: Record<string, unknown> };
  return [...Object.keys(vault), 'offsite_copy'];
}

function autoscalerToleranceOf({ autoscaler_tolerance: value }: Variables, shownAs: string): boolean {
  if (typeof value === 'boolean') return value;
  throw new Error(`${shownAs}: autoscaler_tolerance: ${shown(value)} is no answer to yes or no; write true or false.`);
}

/**
 * The version of K3s that Ansible installs, such as `v1.34.4+k3s1`.
 *
 * @throws Error when the file does not say it.
 */
export function readK3sVersion(file: string, shownAs = file): string {
  const version = (parse(readFileSync(file, 'utf8')) as Variables | null)?.['k3s_version'];
  if (typeof version === 'string') return version;
  throw new Error(`${shownAs}: k3s_version: it is missing; write the version to install, such as v1.34.4+k3s1.`);
}

/**
 * Addresses of pods and Services as K3s is told; `hosts` are taken already, by name.
 *
 * @throws Error when one is missing, or two overlap.
 */
function networksOf(
  variables: Variables,
  shownAs: string,
  hosts: readonly Address[],
): { pods: string; services: string } {
  const [pods, services] = ['pod_network', 'service_network'].map((name) => {
    const value = variables[name];
    if (typeof value === 'string' && IPv4.isValidCIDR(value)) return value;
    throw new Error(
      `${shownAs}: ${name}: ${JSON.stringify(value)} is no range of addresses; write it as in 10.42.0.0/16.`,
    );
  });
  if (overlap(pods!, services!))
    throw new Error(
      `${shownAs}: service_network: ${services} overlaps pod_network ${pods}, and an address would mean a pod and a Service; write another range, such as 10.43.0.0/16.`,
    );
  for (const [name, network] of Object.entries({ pod_network: pods!, service_network: services! })) {
    const host = hosts.find(({ address }) => IPv4.parse(address).match(IPv4.parseCIDR(network)));
    if (!host) continue;
    throw new Error(
      `${shownAs}: ${name}: ${network} holds ${host.address} of ${host.name}, which no pod would reach; write a range beside that of the LAN.`,
    );
  }
  return { pods: pods!, services: services! };
}

/** Whether one of two ranges holds the beginning of the other. */
function overlap(a: string, b: string): boolean {
  const [first, second] = [IPv4.parseCIDR(a), IPv4.parseCIDR(b)];
  const narrower = Math.min(first[1], second[1]);
  return first[0].match(second[0], narrower);
}
