import { coerce, type SemVer } from 'semver';

/** An image by its parts, with what Docker leaves out filled in. */
export interface ImageReference {
  /** Host of the registry, such as `quay.io`; `docker.io` where the image names none. */
  readonly registry: string;
  /** Path at that registry, such as `library/postgres`. */
  readonly repository: string;
  readonly tag?: string;
  /** `sha256:` and 64 hexadecimal digits. */
  readonly digest?: string;
}

const COMPONENT = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const HOST = '(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*(?::[0-9]+)?)';
const REFERENCE = new RegExp(
  `^(?:(?<host>${HOST})/)?(?<path>${COMPONENT}(?:/${COMPONENT})*)(?::(?<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(?<digest>sha256:[0-9a-f]{64}))?$`,
);

/**
 * Takes an image apart as a container runtime does (https://pkg.go.dev/github.com/distribution/reference): what names no host
 * is of Docker Hub, and there of `library` when it has one part alone. Undefined when it is no image reference.
 */
export function parseImage(image: string): ImageReference | undefined {
  const groups = REFERENCE.exec(image)?.groups;
  if (!groups) return undefined;
  const { host, path, tag, digest } = groups as { host?: string; path: string; tag?: string; digest?: string };
  const version = { ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) };
  if (host && isHost(host)) {
    return { registry: canonical(host), repository: inLibrary(canonical(host), path), ...version };
  }
  // A part in capitals is a host or nothing.
  if (host && host !== host.toLowerCase()) return undefined;
  return { registry: 'docker.io', repository: inLibrary('docker.io', host ? `${host}/${path}` : path), ...version };
}

/** Registry and path in full, without tag and digest: `docker.io/library/postgres`. */
export function imageName({ registry, repository }: ImageReference): string {
  return `${registry}/${repository}`;
}

const isHost = (part: string) => part.includes('.') || part.includes(':') || part === 'localhost';

const canonical = (host: string) =>
  host === 'index.docker.io' || host === 'registry-1.docker.io' ? 'docker.io' : host;

const inLibrary = (registry: string, path: string) =>
  registry === 'docker.io' && !path.includes('/') ? `library/${path}` : path;

/** Every value of a field `image` anywhere inside: one text, or the parts that values of Helm charts have. */
export function imagesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([field, content]) => {
    if (field !== 'image') return imagesIn(content);
    if (typeof content === 'string') return [content];
    const { registry, repository, tag, digest } = (content ?? {}) as Record<string, string | null | undefined>;
    if (!repository) return [];
    return [`${registry ? `${registry}/` : ''}${repository}${tag ? `:${tag}` : ''}${digest ? `@${digest}` : ''}`];
  });
}

/** The version that an image's tag begins with, such as 16.4.0 of `16.4-alpine`; undefined where it begins with none. */
export function versionOf({ tag = '' }: ImageReference): SemVer | undefined {
  return /^v?\d/.test(tag) ? (coerce(tag) ?? undefined) : undefined;
}

/** Whether an image is an earlier version of what another one is a version of. */
export function isEarlier(image: string, than: string): boolean {
  const [one, other] = [image, than].map(parseImage);
  if (!one || !other || imageName(one) !== imageName(other)) return false;
  const [before, after] = [versionOf(one), versionOf(other)];
  return before !== undefined && after !== undefined && before.compare(after) < 0;
}
