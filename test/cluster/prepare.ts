import { downloadSources } from '../../imports/source/generate';
import { buildTool } from '../../tools/build';
import { prepareFixtures } from './prepare-fixtures';

const TOOLS = [
  'kube-apiserver',
  'etcd',
  'kwok',
  'kubectl',
  'kube-router',
  'argocd',
  'oauth2-proxy',
  'prometheus-adapter',
  'traefik',
] as const;

/** Builds and installs what `npm run test:cluster` needs, before jest's own clock starts. */
export async function prepare(): Promise<void> {
  await prepareFixtures();
  for (const tool of TOOLS) await buildTool(tool);
  await downloadSources((line) => console.error(`imports: ${line}`));
}
