import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rulesPage } from '../../checks';
import type { PlatformModel } from '../../constructs/platform-model';
import { readArchitecture } from './architecture';
import { withDarkMode } from '../../console/svg-theme';
import { DARK, toDot } from './dot';

/**
 * Writes the generated pages: the picture of the architecture and the list of rules.
 *
 * @returns the files written, in a folder that is made when it is missing.
 */
export async function writeDocumentation(model: PlatformModel, folder: string): Promise<string[]> {
  const pages = { 'architecture.svg': await drawArchitecture(model), 'rules.md': rulesPage() };
  mkdirSync(folder, { recursive: true });
  return Object.entries(pages).map(([name, text]) => {
    const file = join(folder, name);
    writeFileSync(file, text);
    return file;
  });
}

/** The architecture of a model: workloads, who calls whom, public hosts, and the nodes with pinned volumes. */
async function drawArchitecture(model: PlatformModel): Promise<string> {
  // Graphviz itself, compiled to WebAssembly: nothing to install, and the same picture on every machine.
  const { Graphviz } = await import('@hpcc-js/wasm-graphviz');
  const graphviz = await Graphviz.load();
  return withDarkMode(graphviz.dot(toDot(readArchitecture(model))), DARK);
}
