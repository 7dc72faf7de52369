import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PlatformModel } from '../platform-model';
import { readArchitecture } from './architecture';
import { toDot } from './dot';

/**
 * Draws the architecture of a model: workloads, who calls whom, public hosts, and the nodes with pinned volumes.
 *
 * @returns the files written, in a folder that is made when it is missing.
 */
export async function writeArchitecture(model: PlatformModel, folder: string): Promise<string[]> {
  const file = join(folder, 'architecture.svg');
  const svg = await draw(toDot(readArchitecture(model)));
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, svg);
  return [file];
}

async function draw(dot: string): Promise<string> {
  // Graphviz itself, compiled to WebAssembly: nothing to install, and the same picture on every machine.
  const { Graphviz } = await import('@hpcc-js/wasm-graphviz');
  const graphviz = await Graphviz.load();
  return graphviz.dot(dot);
}
