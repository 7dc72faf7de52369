import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rulesPage } from '../../checks';
import type { PlatformModel } from '../../constructs/platform-model';
import { readArchitecture } from './architecture';
import { drawGraph } from '../../console/diagram';
import { toDot } from './dot';
import { drawSecrets } from './secrets';
import { drawSignIn, readSignIn } from './sign-in';

/**
 * Writes the generated pages: the pictures of the architecture, of a sign-in and of the way of a Secret, and the list of rules.
 *
 * @returns the files written, in a folder that is made when it is missing.
 */
export async function writeDocumentation(model: PlatformModel, folder: string): Promise<string[]> {
  const signIn = readSignIn(model);
  const pages = {
    'architecture.svg': await drawArchitecture(model),
    'secrets.svg': await drawSecrets(model.secrets),
    ...(signIn ? { 'sign-in.svg': drawSignIn(signIn) } : {}),
    'rules.md': rulesPage(),
  };
  mkdirSync(folder, { recursive: true });
  return Object.entries(pages).map(([name, text]) => {
    const file = join(folder, name);
    writeFileSync(file, text);
    return file;
  });
}

/** The architecture of a model: workloads, who calls whom, public hosts, and the nodes with pinned volumes. */
function drawArchitecture(model: PlatformModel): Promise<string> {
  return drawGraph(
    toDot(readArchitecture(model)),
    'Architecture: who calls whom, who is signed in, and where the data lies',
  );
}
