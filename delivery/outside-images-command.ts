import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { outsideImages } from '../facts/outside-images';
import { reportFailure } from '../lib/console/failure';
import { program } from '../lib/console/program';
import { buildTool } from '../tools/build';
import { imagesOfChart, imagesOfK3s, listedCharts } from './outside-images';

const root = process.cwd();
const known = [...listedCharts.map(({ name }) => name), 'k3s'];

async function refreshed(name: string, source: string | undefined) {
  const chart = listedCharts.find((each) => each.name === name);
  if (chart) return imagesOfChart(chart, root, await buildTool('helm'), source);
  const { k3s_version: version } = parse(
    readFileSync(join(root, 'ansible/inventory/group_vars/all/versions.yml'), 'utf8'),
  ) as { k3s_version: string };
  return imagesOfK3s(version, source ? readFileSync(source, 'utf8') : await releaseFile(version));
}

async function releaseFile(version: string): Promise<string> {
  const address = `https://github.com/k3s-io/k3s/releases/download/${encodeURIComponent(version)}/k3s-images.txt`;
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address}: answered ${response.status}; give the file as k3s=<path>.`);
  return response.text();
}

async function main(args: readonly string[]): Promise<void> {
  const asked = (args.length > 0 ? args : known).map((arg) => {
    const [name, ...path] = arg.split('=');
    if (!known.includes(name!)) throw new Error(`"${name}" is none of ${known.join(', ')}; see --help.`);
    return [name!, path.length > 0 ? path.join('=') : undefined] as const;
  });
  const list: Record<string, unknown> = { ...outsideImages };
  for (const [name, source] of asked) list[name] = await refreshed(name, source);
  writeFileSync(join(root, 'facts/outside-image-list.json'), `${JSON.stringify(list, null, 2)}\n`);
  console.log(`facts/outside-image-list.json: ${asked.map(([name]) => name).join(', ')} written.`);
}

program(
  'outside-images',
  'Write facts/outside-image-list.json anew: the images of the Helm charts and of K3s, each at its pinned version.',
  'npm run outside-images',
  'npm run outside-images -- argo-cd',
  'npm run outside-images -- argo-cd=/tmp/argo-cd-9.3.7.tgz k3s=/tmp/k3s-images.txt',
)
  .argument('[name[=path]...]', `${known.join(', ')}; with a path, from that folder or archive instead of the network`)
  .action((names: string[]) => main(names).catch((error: unknown) => reportFailure(error, 'error: ')))
  .parse();
