import { readFileSync } from 'node:fs';
import { isValidCIDR } from 'ipaddr.js';
import { parse } from 'yaml';

/**
 * Names of the registries that the image mirror serves, as Ansible is told: nodes pull through the mirror alone.
 *
 * @param file `ansible/inventory/group_vars/all/main.yml`
 * @param shownAs its name in messages
 * @throws Error when the list is missing or a row has no name.
 */
export function readRegistryUpstreams(file: string, shownAs: string = file): string[] {
  const { registry_upstreams: rows } = parse(readFileSync(file, 'utf8')) as {
    registry_upstreams?: { name?: unknown }[];
  };
  if (!Array.isArray(rows) || rows.length === 0) {
    throw new Error(`${shownAs}: registry_upstreams is missing or empty; list the registries that the mirror serves.`);
  }
  return rows.map(({ name }, index) => {
    if (typeof name === 'string' && name !== '') return name;
    throw new Error(`${shownAs}: registry_upstreams[${index}].name is missing; name the registry, such as quay.io.`);
  });
}

/** The version of K3s that Ansible installs, such as `v1.34.4+k3s1`. */
export function readK3sVersion(file: string): string {
  return (parse(readFileSync(file, 'utf8')) as { k3s_version: string }).k3s_version;
}

/**
 * Addresses of pods and Services as K3s is told.
 *
 * @throws Error when one is missing.
 */
export function readNetworks(file: string, shownAs: string = file): { pods: string; services: string } {
  const variables = parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  const [pods, services] = ['pod_network', 'service_network'].map((name) => {
    const value = variables[name];
    if (typeof value === 'string' && isValidCIDR(value)) return value;
    throw new Error(
      `${shownAs}: ${name}: ${JSON.stringify(value)} is no range of addresses; write it as in 10.42.0.0/16.`,
    );
  });
  return { pods: pods!, services: services! };
}
