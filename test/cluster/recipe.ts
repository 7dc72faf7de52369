import { readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { buildTool } from '../../tools/build';
import { run } from './daemon';
import type { ControlPlane } from './control-plane';

const ROOT = join(__dirname, '..', '..');

/**
 * The commands of each numbered step below a heading of a page of docs, in order: the lines of its shell blocks as a reader
 * copies them.
 */
export function stepsOf(page: string, heading?: string): string[][] {
  const text = readFileSync(join(ROOT, 'docs', page), 'utf8');
  const part = heading ? text.slice(text.indexOf(`## ${heading}\n`)).split(/\n## /)[0]! : text;
  const blocks = [...part.matchAll(/^ *```sh\n([\s\S]*?)^ *```$/gm)].map(([, block]) =>
    block!
      .split('\n')
      .map((line) => line.trim())
      .filter(Boolean),
  );
  if (blocks.length === 0) throw new Error(`${page}: no shell block below "${heading}".`);
  return blocks;
}

/**
 * Runs a step of a page literally, as the service account that a person on the ingress node has, and nothing more.
 *
 * @throws Error with the command and what it said, when one fails.
 */
export async function runStep(kubeconfig: string, commands: readonly string[]): Promise<void> {
  const PATH = [dirname(await buildTool('kubectl')), process.env['PATH']].join(delimiter);
  for (const command of commands) {
    // Not synchronously: a cluster may be reached through this very process.
    const shell = ['300', 'bash', '--norc', '-euo', 'pipefail', '-c', command];
    const env = { PATH, HOME: dirname(kubeconfig), KUBECONFIG: kubeconfig };
    const { status, stdout, stderr } = await run('timeout', shell, { env });
    if (status !== 0) throw new Error(`${command}\nended with ${status}: ${stderr}${stdout}`);
  }
}

/** The account `operator` as Ansible makes it, and a kubeconfig with its token. */
export async function operatorKubeconfig(cluster: ControlPlane): Promise<string> {
  const template = readFileSync(join(ROOT, 'ansible/roles/cluster_access/templates/operator.yaml.j2'), 'utf8');
  const manifest = template.replaceAll('{{ cluster_access_namespace }}', 'ahuora');
  if (manifest.includes('{{')) throw new Error('operator.yaml.j2 has a variable that this test does not know.');
  await cluster.kubectl(['apply', '-f', '-'], manifest);
  const token = (await cluster.kubectl(['create', 'token', 'operator', '--namespace', 'kube-system'])).trim();
  const file = join(cluster.folder, 'operator.kubeconfig');
  const own = readFileSync(cluster.kubeconfig, 'utf8').replaceAll(cluster.token, token);
  if (!own.includes(token)) throw new Error("the administrator's kubeconfig does not hold the administrator's token.");
  writeFileSync(file, own, { mode: 0o600 });
  return file;
}
