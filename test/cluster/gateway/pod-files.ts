import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { k8s } from '../../../lib/constructs/typed-kinds';
import type { KubernetesApi } from './kubernetes-api';

type PodSpec = k8s.PodSpec;
type Container = k8s.Container;

/** What a container of a pod finds around itself once its volumes are filled and its environment is resolved. */
export interface ContainerSurroundings {
  readonly environment: Readonly<Record<string, string>>;
  readonly command: readonly string[];
  readonly args: readonly string[];
  /** Where a path of the container is on this machine; paths outside its volumes stay as they are. */
  readonly onHost: (text: string) => string;
}

/**
 * What the kubelet does before a container starts: volumes (below `folder`), environment, `$(NAME)`. Paths of volumes become
 * those on this machine, since there is no container around the process.
 */
export async function prepareContainer(
  api: KubernetesApi,
  namespace: string,
  spec: PodSpec,
  container: Container,
  facts: Readonly<Record<string, string>>,
  folder: string,
): Promise<ContainerSurroundings> {
  const source = new Sources(api, namespace);
  const mounts = (container.volumeMounts ?? [])
    .map((mount) => ({ ...mount, host: join(folder, mount.name, mount.subPath ?? '') }))
    .sort((first, second) => second.mountPath.length - first.mountPath.length);
  const onHost = (text: string) =>
    mounts.reduce((result, { mountPath, host }) => replacePath(result, mountPath, host), text);

  for (const volume of spec.volumes ?? []) {
    mkdirSync(join(folder, volume.name), { recursive: true, mode: 0o777 });
    for (const [name, content] of Object.entries(await source.filesOf(volume))) {
      const file = join(folder, volume.name, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, onHost(content));
    }
  }
  const environment = await source.environmentOf(container, facts);
  const expand = (text: string) =>
    text.replace(/\$\(([A-Za-z_][A-Za-z0-9_]*)\)/g, (whole, name: string) => environment[name] ?? whole);
  return {
    environment: Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, onHost(value)])),
    command: (container.command ?? []).map((text) => onHost(expand(text))),
    args: (container.args ?? []).map((text) => onHost(expand(text))),
    onHost,
  };
}

/** Replaces a path where it stands as a whole or as the beginning of a longer one. */
function replacePath(text: string, path: string, replacement: string): string {
  const literal = path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return text.replace(new RegExp(`(?<![\\w./-])${literal}(?=$|[/\\s"',;:])`, 'g'), () => replacement);
}

/** ConfigMaps and Secrets of one namespace, as text. */
class Sources {
  constructor(
    private readonly api: KubernetesApi,
    private readonly namespace: string,
  ) {}

  async filesOf(volume: k8s.Volume): Promise<Record<string, string>> {
    if (volume.configMap) return select(await this.configMap(volume.configMap.name!), volume.configMap.items);
    if (volume.secret) return select(await this.secret(volume.secret.secretName!), volume.secret.items);
    const parts = await Promise.all(
      (volume.projected?.sources ?? []).map(async ({ configMap, secret }) => {
        if (configMap) return select(await this.configMap(configMap.name!), configMap.items);
        if (secret) return select(await this.secret(secret.name!), secret.items);
        return {};
      }),
    );
    return Object.assign({}, ...parts) as Record<string, string>;
  }

  async environmentOf(container: Container, facts: Readonly<Record<string, string>>): Promise<Record<string, string>> {
    const result: Record<string, string> = {};
    for (const { configMapRef, secretRef, prefix = '' } of container.envFrom ?? []) {
      const data = configMapRef ? await this.configMap(configMapRef.name!) : await this.secret(secretRef!.name!);
      for (const [name, value] of Object.entries(data)) result[prefix + name] = value;
    }
    for (const { name, value, valueFrom } of container.env ?? []) {
      const { secretKeyRef, configMapKeyRef, fieldRef } = valueFrom ?? {};
      if (secretKeyRef) result[name] = required(await this.secret(secretKeyRef.name!), secretKeyRef.key);
      else if (configMapKeyRef)
        result[name] = required(await this.configMap(configMapKeyRef.name!), configMapKeyRef.key);
      else if (fieldRef) result[name] = required(facts, fieldRef.fieldPath);
      else result[name] = (value ?? '').replace(/\$\((\w+)\)/g, (whole, other: string) => result[other] ?? whole);
    }
    return result;
  }

  private async configMap(name: string): Promise<Record<string, string>> {
    const { data = {} } = await this.api.get<k8s.KubeConfigMapProps>(
      `/api/v1/namespaces/${this.namespace}/configmaps/${name}`,
    );
    return { ...data };
  }

  private async secret(name: string): Promise<Record<string, string>> {
    const { data = {} } = await this.api.get<k8s.KubeSecretProps>(
      `/api/v1/namespaces/${this.namespace}/secrets/${name}`,
    );
    return Object.fromEntries(
      Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]),
    );
  }
}

function select(data: Record<string, string>, items?: readonly k8s.KeyToPath[]): Record<string, string> {
  if (!items) return data;
  return Object.fromEntries(items.map(({ key, path }) => [path, required(data, key)]));
}

function required(data: Readonly<Record<string, string>>, key: string): string {
  const value = data[key];
  if (value === undefined) throw new Error(`pod: there is no value for ${key}`);
  return value;
}
