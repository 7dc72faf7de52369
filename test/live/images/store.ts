import { createReadStream, existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { request as httpRequest } from 'node:http';
import { stringify } from 'yaml';
import { buildTool, toolCache } from '../../../tools/build';
import { withLock } from '../../../tools/lock';
import { startDaemon, waitUntilReady } from '../../cluster/daemon';
import { freePorts } from '../../fixtures/free-ports';
import { imageDocuments, parseReference, type ImageDocuments } from './image';
import { buildLayer, type Layer } from './layer';
import type { ImageRecipe } from './catalogue';

/**
 * Makes and pushes the images that are missing, each to the folder of its registry, such as `quay.io`, which the registries
 * of the internet side are started from. Returns the folder of those folders.
 */
export async function storeImages(recipes: readonly ImageRecipe[]): Promise<string> {
  const folder = join(toolCache(), 'live', 'registries');
  await mkdir(join(toolCache(), 'locks'), { recursive: true });
  const missing = new Map<string, MissingImage[]>();
  for (const { references, layers: recipesOfLayers, config } of recipes) {
    const layers: Layer[] = [];
    for (const layer of recipesOfLayers) layers.push(await buildLayer(layer));
    const documents = imageDocuments(layers, config, 'amd64');
    for (const reference of references) {
      const { registry, repository, tag } = parseReference(reference);
      const name = `${repository.replaceAll('/', '_')}_${tag}@${documents.manifest.digest.slice(7, 23)}`;
      const marker = join(folder, registry, 'pushed', name);
      if (!existsSync(marker))
        missing.set(registry, [...(missing.get(registry) ?? []), { reference, marker, layers, documents }]);
    }
  }
  for (const [registry, images] of missing)
    await withLock(
      join(toolCache(), 'locks', `live-${registry}`),
      () => pushAll(join(folder, registry), images),
      () => process.stderr.write('images: another process pushes them; waiting\n'),
    );
  return folder;
}

/** An image that a registry does not hold yet. */
interface MissingImage {
  readonly reference: string;
  /** File that says that it is there. */
  readonly marker: string;
  readonly layers: readonly Layer[];
  readonly documents: ImageDocuments;
}

async function pushAll(folder: string, images: readonly MissingImage[]): Promise<void> {
  await mkdir(join(folder, 'pushed'), { recursive: true });
  const registry = await startRegistry(folder);
  try {
    for (const image of images) {
      await push(registry.port, image);
      await writeFile(image.marker, '');
    }
  } finally {
    await registry.stop();
  }
}

async function startRegistry(folder: string): Promise<{ port: number; stop: () => Promise<void> }> {
  const [port] = (await freePorts(1)) as [number];
  const settings = join(folder, 'loopback.yml');
  await writeFile(
    settings,
    stringify({
      version: 0.1,
      log: { level: 'error', accesslog: { disabled: true } },
      storage: { filesystem: { rootdirectory: join(folder, 'storage') } },
      http: { addr: `127.0.0.1:${port}` },
    }),
  );
  const daemon = startDaemon('registry', await buildTool('registry'), ['serve', settings], {
    folder,
    env: { OTEL_TRACES_EXPORTER: 'none' },
  });
  await waitUntilReady(daemon, async () => (await send(port, 'GET', '/v2/')).status === 200);
  return { port, stop: () => daemon.stop() };
}

async function push(port: number, { reference, layers, documents: { manifest, config } }: MissingImage): Promise<void> {
  const { repository, tag } = parseReference(reference);
  process.stderr.write(`images: pushing ${reference}\n`);
  for (const layer of layers) await pushBlob(port, repository, layer.digest, layer);
  await pushBlob(port, repository, config.digest, { bytes: config.bytes });
  const path = `/v2/${repository}/manifests/${tag}`;
  const { status, body } = await send(port, 'PUT', path, { bytes: manifest.bytes }, manifest.mediaType);
  if (status !== 201) throw new Error(`the registry refused ${reference}: ${status} ${body}`);
}

type Content = { readonly bytes: Buffer } | { readonly file: string; readonly size: number };

async function pushBlob(port: number, repository: string, digest: string, content: Content): Promise<void> {
  if ((await send(port, 'HEAD', `/v2/${repository}/blobs/${digest}`)).status === 200) return;
  const started = await send(port, 'POST', `/v2/${repository}/blobs/uploads/`);
  const place = new URL(started.location ?? '', `http://127.0.0.1:${port}`);
  place.searchParams.set('digest', digest);
  const { status, body } = await send(port, 'PUT', place.pathname + place.search, content, 'application/octet-stream');
  if (status !== 201) throw new Error(`the registry refused ${digest} of ${repository}: ${status} ${body}`);
}

function send(
  port: number,
  method: string,
  path: string,
  content?: Content,
  type?: string,
): Promise<{ status: number; location?: string; body: string }> {
  return new Promise((resolve, reject) => {
    const length = content === undefined ? 0 : 'bytes' in content ? content.bytes.length : content.size;
    const call = httpRequest(
      {
        host: '127.0.0.1',
        port,
        method,
        path,
        headers: { 'content-length': length, ...(type && { 'content-type': type }) },
      },
      (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
        response.on('end', () => resolve({ status: response.statusCode!, location: response.headers.location, body }));
      },
    );
    call.on('error', reject);
    if (content === undefined) call.end();
    else if ('bytes' in content) call.end(content.bytes);
    else createReadStream(content.file).on('error', reject).pipe(call);
  });
}
