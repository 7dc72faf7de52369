import { parse } from 'yaml';

/** A node's `registries.yaml`, as K3s reads it: https://docs.k3s.io/installation/private-registry */
interface RegistriesFile {
  readonly mirrors: Readonly<Record<string, { readonly endpoint: readonly string[] }>>;
}

/**
 * containerd's files for a node's `registries.yaml`, as K3s writes them (pkg/agent/containerd) with
 * `disable-default-registry-endpoint`; `*` is containerd's `_default`. Throws when the text names no mirror.
 */
export function hostsFiles(registries: string): Record<string, string> {
  const { mirrors } = (parse(registries) ?? {}) as Partial<RegistriesFile>;
  const named = Object.entries(mirrors ?? {});
  if (named.length === 0) throw new Error('registries.yaml names no mirror');
  return Object.fromEntries(
    named.map(([name, { endpoint }]) => {
      const hosts = endpoint.map((url) => `[host."${url}"]\n  capabilities = ["pull", "resolve"]\n`);
      // Without the registry's own address as a last resort: nodes reach the mirror alone.
      return [`${name === '*' ? '_default' : name}/hosts.toml`, `server = "${endpoint.at(-1)}"\n\n${hosts.join('\n')}`];
    }),
  );
}
