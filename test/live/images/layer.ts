import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toolCache } from '../../../tools/build';
import { withLock } from '../../../tools/lock';
import { must } from '../command';

/** One layer of an image: a tree of files, made once for each content of what it is made from. */
export interface LayerRecipe {
  readonly name: string;
  /** Everything that decides the content: texts, versions, and files (read) or folders (read whole). */
  readonly inputs: readonly LayerInput[];
  /** Files keep their owners (a base made by a package manager) instead of belonging to root. */
  readonly keepOwners?: boolean;
  /** Puts the files into an empty folder. */
  readonly fill: (folder: string) => Promise<void>;
}

export type LayerInput = { readonly text: string } | { readonly path: string };

/** A finished layer: an uncompressed tar archive in the cache. */
export interface Layer {
  readonly file: string;
  /** `sha256:…` of the archive, which is also its diff id, as it is not compressed. */
  readonly digest: string;
  readonly size: number;
}

/** The key under which the cache keeps a layer; equal for equal inputs, wherever they lie. */
export function layerKey({ name, inputs, keepOwners }: LayerRecipe): string {
  const digest = createHash('sha256').update(JSON.stringify([name, keepOwners ?? false]));
  for (const input of inputs) {
    if ('text' in input) digest.update(`text ${input.text.length}\n${input.text}`);
    else for (const [path, file] of filesOf(input.path)) digest.update(`file ${path}\n`).update(readFileSync(file));
  }
  return digest.digest('hex').slice(0, 16);
}

/** The layer from the cache, made first when it is not there. Safe from several processes at once. */
export async function buildLayer(recipe: LayerRecipe): Promise<Layer> {
  const folder = join(toolCache(), 'live', 'layers', `${recipe.name}-${layerKey(recipe)}`);
  await mkdir(join(toolCache(), 'live', 'layers'), { recursive: true });
  await mkdir(join(toolCache(), 'locks'), { recursive: true });
  if (!existsSync(folder))
    await withLock(
      join(toolCache(), 'locks', `layer-${recipe.name}`),
      () => buildUnlessPresent(recipe, folder),
      () => process.stderr.write(`images: layer ${recipe.name}: another process makes it; waiting\n`),
    );
  const file = join(folder, 'layer.tar');
  return { file, digest: readFileSync(join(folder, 'digest'), 'utf8'), size: statSync(file).size };
}

async function buildUnlessPresent(recipe: LayerRecipe, folder: string): Promise<void> {
  if (existsSync(folder)) return;
  process.stderr.write(`images: making layer ${recipe.name}\n`);
  const scratch = await mkdtemp(join(toolCache(), 'live', 'layers', '.making-'));
  try {
    const tree = join(scratch, 'tree');
    await mkdir(tree, { mode: 0o755 });
    await recipe.fill(tree);
    await archive(tree, join(scratch, 'layer.tar'), recipe.keepOwners ?? false);
    await rm(tree, { recursive: true, force: true });
    await writeFile(join(scratch, 'digest'), await digestOf(join(scratch, 'layer.tar')));
    await rename(scratch, folder);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Writes a tree as a tar archive that depends on names, contents, modes and owners alone, not on when or where it was made. */
export async function archive(tree: string, file: string, keepOwners: boolean): Promise<void> {
  const owners = keepOwners ? [] : ['--owner=0', '--group=0'];
  await must('tar', [
    '--create',
    `--file=${file}`,
    `--directory=${tree}`,
    '--sort=name',
    '--mtime=@0',
    '--numeric-owner',
    '--format=gnu',
    ...owners,
    '.',
  ]);
}

async function digestOf(file: string): Promise<string> {
  const digest = createHash('sha256');
  for await (const chunk of createReadStream(file)) digest.update(chunk as Buffer);
  return `sha256:${digest.digest('hex')}`;
}

/** A file, or every file of a folder by its path inside. */
function filesOf(path: string): [string, string][] {
  if (!statSync(path).isDirectory()) return [['', path]];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('__pycache__'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((file) => [file.slice(path.length + 1), file]);
}
