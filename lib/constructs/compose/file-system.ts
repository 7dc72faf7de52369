import type { RunAs } from '../pod/pod';
import type { ClaimMount, Mount, ScratchMount } from '../pod/volume';
import { literal } from './literal';
import { variableOf } from './variables';

/** What a service mounts, and what the file must declare for it. */
export interface FileSystem {
  /** Fields of the service. */
  readonly service: Readonly<Record<string, unknown>>;
  /** Contents of inline configs, by name. */
  readonly configs: ReadonlyMap<string, string>;
  /** Variables behind secrets, by the secrets' names. */
  readonly secrets: ReadonlyMap<string, string>;
  /** Names of volumes. */
  readonly volumes: readonly string[];
}

/** Shared memory has an option of its own; the runtime mounts it in any case. */
const SHARED_MEMORY = '/dev/shm';

/**
 * The mounts of a pod's containers, which are one container here.
 *
 * @throws Error when two of them mount different things in one place.
 */
export function toFileSystem(name: string, mounts: readonly Mount[], user: RunAs): FileSystem {
  const places = byPlace(name, mounts);
  const ofKind = <Kind extends Mount['kind']>(kind: Kind) =>
    places.filter((mount): mount is Extract<Mount, { kind: Kind }> => mount.kind === kind);
  const scratches = ofKind('scratch');
  const configs = ofKind('config').flatMap(({ config, path, file, executable }) =>
    Object.entries(config.files)
      .filter(([name]) => file === undefined || name === file)
      .map(([name, content]) => ({
        source: nameOf(name),
        target: file === undefined ? `${path}/${name}` : path,
        mode: executable ? 0o555 : 0o444,
        content,
      })),
  );
  const secrets = ofKind('secret').map(({ reference, path }) => ({
    source: nameOf(`${reference.secret.name}-${reference.key}`),
    target: `${path}/${reference.key}`,
    // As in a pod: of root, and readable by the group. Postgres refuses a private key that others may read.
    uid: '0',
    gid: String(user.group),
    mode: 0o440,
    variable: variableOf(reference),
  }));
  const claims = ofKind('claim');
  const shared = scratches.find(({ path }) => path === SHARED_MEMORY);
  const copiedIn = configs.length + secrets.length > 0;
  return {
    service: {
      // Compose copies inline files into the container, which a read-only one does not take (docker/compose#12531).
      ...(!copiedIn && { read_only: true }),
      ...optional(
        'tmpfs',
        scratches.filter((mount) => mount !== shared).map((mount) => toTmpfs(mount, user)),
      ),
      ...(shared && { shm_size: toBytes(shared.sizeLimit) }),
      ...optional(
        'configs',
        configs.map(({ content: _content, ...mounted }) => mounted),
      ),
      ...optional(
        'secrets',
        secrets.map(({ variable: _variable, ...mounted }) => mounted),
      ),
      ...optional(
        'volumes',
        claims.map((claim) => `${volumeOf(name, claim)}:${claim.path}`),
      ),
    },
    configs: new Map(configs.map(({ source, content }) => [source, literal(content)])),
    secrets: new Map(secrets.map(({ source, variable }) => [source, variable])),
    volumes: claims.map((claim) => volumeOf(name, claim)),
  };
}

function byPlace(name: string, mounts: readonly Mount[]): Mount[] {
  const places = new Map<string, Mount>();
  for (const mount of mounts) {
    const other = places.get(mount.path);
    if (other && identityOf(other) !== identityOf(mount)) {
      throw new Error(
        `${name}: ${mount.path}: its containers mount different things there, and under Compose they are one.`,
      );
    }
    places.set(mount.path, mount);
  }
  return [...places.values()];
}

function identityOf(mount: Mount): string {
  return JSON.stringify(mount.kind === 'config' ? { ...mount, config: mount.config.name } : mount);
}

/** An empty folder is in memory here, whatever it is on a node: the pod's user alone may write to it. */
function toTmpfs({ path, sizeLimit }: ScratchMount, { user, group }: RunAs): string {
  return `${path}:size=${toBytes(sizeLimit)},uid=${user},gid=${group},mode=0700`;
}

/** A claim from a template belongs to its service alone. */
function volumeOf(name: string, { claim, fromTemplate }: ClaimMount): string {
  return fromTemplate ? `${name}-${claim}` : claim;
}

/** Kubernetes' `64Mi` is Docker's `64m`. */
function toBytes(quantity: string): string {
  return quantity.replace(/i$/, '').toLowerCase();
}

const nameOf = (file: string) => file.replaceAll('.', '-');

const optional = (field: string, values: readonly unknown[]) => (values.length > 0 ? { [field]: values } : {});
