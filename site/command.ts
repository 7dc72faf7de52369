import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { settings } from '../facts/settings';
import { reportFailure } from '../lib/console/failure';
import { portNumber } from '../lib/console/number-options';
import { program } from '../lib/console/program';
import type { ObjectIndex } from '../lib/synthesis/objects';
import { buildTool } from '../tools/build';
import { stageSite } from './stage';

const ROOT = join(__dirname, '..');
/** Ignored by git, and no part of `dist/`. */
const WORK = join(ROOT, '.cache', 'site');
const SITE = join(WORK, 'built');

/** What the pages show that is made from the code. Each is drawn by a program of its own, since each reads other parts. */
const DRAWERS = ['docs:platform', 'docs:network', 'docs:experiments', 'docs:reachability'];

interface Flags {
  readonly pictures?: boolean;
  readonly serve?: boolean;
  readonly port: number;
  readonly base: string;
}

program(
  'docs',
  'Draw every picture and generated page in docs/generated again, and build the documentation site from them.',
  'npm run docs',
  'npm run docs -- --pictures   the pictures and generated pages alone',
  'npm run docs -- --serve      and show the site at http://127.0.0.1:4173/',
)
  .option('--pictures', 'draw, and build no site')
  .option('--serve', 'show the site on this machine once it is built')
  .option('--port <number>', 'port of --serve', portNumber, 4173)
  .option('--base <path>', 'path that the site is published under', '/')
  .action((flags: Flags) => documentation(flags).catch((error: unknown) => reportFailure(error)))
  .parse();

async function documentation({ pictures, serve, port, base }: Flags): Promise<void> {
  if (!/^\/([\w.-]+\/)*$/.test(base))
    throw new Error(`--base: "${base}" is no path that begins and ends with /; write it as in /platform/`);
  const start = Date.now();
  for (const script of DRAWERS) run('npm', ['run', '--silent', script], `${script} failed; what it said is above`);
  if (pictures) return;
  const packages = join(await buildTool('vitepress'), '..', '..');
  const repositoryUrl = settings.repositoryUrl.replace(/\.git$/, '');
  const source = join(WORK, 'source');
  stageSite({
    repository: ROOT,
    folder: source,
    packages,
    address: repositoryUrl,
    branch: settings.branch,
    objects: readObjects(),
  });
  const built = spawnSync(
    process.execPath,
    [join(packages, 'vitepress', 'bin', 'vitepress.js'), 'build', source, '--base', base, '--outDir', SITE],
    { encoding: 'utf8', env: { ...process.env, SITE_BASE: base, NO_COLOR: '1' } },
  );
  if (built.status !== 0)
    throw new Error(`the site was not built; VitePress says:\n${`${built.stdout}${built.stderr}`.trim()}`);
  console.log(`.cache/site/built: the documentation site, after ${((Date.now() - start) / 1000).toFixed(1)} s`);
  if (!serve) return void console.log('Look at it: npm run docs -- --serve');
  console.log(`http://127.0.0.1:${port}/ until Ctrl+C`);
  run(
    process.execPath,
    [join(packages, 'sirv-cli', 'bin.js'), SITE, '--host', '127.0.0.1', '--port', String(port), '--quiet', '--dev'],
    'the site could not be served',
  );
}

/** In a process of its own, which loads the constructs as synthesis does. */
function readObjects(): ObjectIndex {
  mkdirSync(WORK, { recursive: true });
  const file = join(WORK, 'objects.json');
  const command = ['--require', './lib/synthesis/require-typescript.cjs', 'main.ts', 'objects', '--output', file];
  run(process.execPath, command, 'the objects could not be described; what was said is above');
  return JSON.parse(readFileSync(file, 'utf8')) as ObjectIndex;
}

/** @throws Error with the sentence when the program fails. */
function run(command: string, args: readonly string[], sentence: string): void {
  const { status } = spawnSync(command, args, { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) throw new Error(sentence);
}
