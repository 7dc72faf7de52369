import { createHash } from 'node:crypto';
import type { Layer } from './layer';

/** How a container of an image starts, as far as these images say it. */
export interface ImageConfig {
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly user?: string;
  readonly workingDirectory?: string;
  readonly stopSignal?: string;
}

/** A document of an image, with what the registry knows it by. */
export interface Document {
  readonly bytes: Buffer;
  readonly digest: string;
  readonly mediaType: string;
}

/** Manifest and configuration of an image of version 1 of the OCI image format. */
export interface ImageDocuments {
  readonly manifest: Document;
  readonly config: Document;
}

const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * The documents of an image (manifest.md and config.md of https://github.com/opencontainers/image-spec), without a time of
 * making, so that the same content gives the same digests. `architecture` is Go's name, such as `amd64`.
 */
export function imageDocuments(
  layers: readonly Pick<Layer, 'digest' | 'size'>[],
  config: ImageConfig,
  architecture: string,
): ImageDocuments {
  if (layers.length === 0) throw new Error('an image needs at least one layer');
  const { entrypoint, command, environment = {}, user, workingDirectory, stopSignal } = config;
  const configuration = document('application/vnd.oci.image.config.v1+json', {
    architecture,
    os: 'linux',
    config: {
      Env: [PATH, ...Object.entries(environment).map(([name, value]) => `${name}=${value}`)],
      ...(entrypoint && { Entrypoint: entrypoint }),
      ...(command && { Cmd: command }),
      ...(user && { User: user }),
      ...(workingDirectory && { WorkingDir: workingDirectory }),
      ...(stopSignal && { StopSignal: stopSignal }),
    },
    rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
    history: layers.map(() => ({ created_by: 'test/live/images' })),
  });
  const manifest = document('application/vnd.oci.image.manifest.v1+json', {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: { mediaType: configuration.mediaType, digest: configuration.digest, size: configuration.bytes.length },
    layers: layers.map(({ digest, size }) => ({ mediaType: 'application/vnd.oci.image.layer.v1.tar', digest, size })),
  });
  return { manifest, config: configuration };
}

/** The parts of an image's name as a runtime reads it: `postgres:16.4` is `library/postgres` at `docker.io`. */
export function parseReference(reference: string): { registry: string; repository: string; tag: string } {
  const [withoutDigest = ''] = reference.split('@');
  const [first = '', ...rest] = withoutDigest.split('/');
  const hasRegistry = rest.length > 0 && /[.:]|^localhost$/.test(first);
  const path = hasRegistry ? rest.join('/') : withoutDigest;
  const colon = path.lastIndexOf(':');
  const name = colon === -1 ? path : path.slice(0, colon);
  const tag = colon === -1 ? 'latest' : path.slice(colon + 1);
  const registry = hasRegistry ? first : 'docker.io';
  return { registry, repository: registry === 'docker.io' && !name.includes('/') ? `library/${name}` : name, tag };
}

function document(mediaType: string, content: unknown): Document {
  const bytes = Buffer.from(JSON.stringify(content));
  return { bytes, mediaType, digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}` };
}
