import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import {
  composeModule,
  controllerGenModule,
  customResources,
  kubernetesModule,
  type CustomResources,
} from './catalogue';
import { extractCoreSchemas, type Swagger } from './core-schema';
import { program } from '../../lib/console/program';
import { readEnumerations } from './enumerations';
import { extractCustomSchemas } from './custom-schema';

const run = promisify(execFile);
const repository = resolve(__dirname, '..', '..');

/**
 * Generates everything in `imports/` but `source/`: CRDs, typed bindings of them, and the schemas that synthesis
 * validates against.
 *
 * @param output - folder that receives `crds/`, `schemas/` and the bindings.
 * @throws Error naming the step when Go is missing or a step fails.
 */
export async function generateImports(output: string, report: (line: string) => void): Promise<void> {
  const controllerGen = await buildControllerGen(report);
  mkdirSync(join(output, 'crds'), { recursive: true });
  mkdirSync(join(output, 'schemas'), { recursive: true });
  for (const source of customResources) await generateGroup(source, controllerGen, output, report);
  const crds = readdirSync(join(output, 'crds')).map((file) => readFileSync(join(output, 'crds', file), 'utf8'));
  writeFileSync(join(output, 'schemas', 'custom.json'), toJson({ kinds: extractCustomSchemas(crds) }));
  report('schemas of the core kinds');
  writeFileSync(join(output, 'schemas', 'core.json'), toJson({ ...(await readCoreSchemas()) }));
  report('schema of the Compose specification');
  writeFileSync(join(output, 'schemas', 'compose.json'), toJson(await readComposeSchema()));
}

/** Downloads and builds all that {@link generateImports} needs, after which it needs no network. */
export async function downloadSources(report: (line: string) => void): Promise<void> {
  await buildControllerGen(report);
  for (const source of customResources) {
    report(`Go sources of ${source.group}`);
    await go(source.module, ['list', '-deps', source.package]);
  }
  report('sources of Kubernetes');
  await readCoreSchemas();
  report('schema of the Compose specification');
  await readComposeSchema();
}

async function buildControllerGen(report: (line: string) => void): Promise<string> {
  const version = await moduleVersion(controllerGenModule, 'sigs.k8s.io/controller-tools');
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'ahuora-platform', 'imports');
  const binary = join(cache, `controller-gen-${version}`);
  if (existsSync(binary)) return binary;
  report(`building controller-gen ${version} (once, about a minute)`);
  mkdirSync(cache, { recursive: true });
  const flags = ['-trimpath', '-ldflags', '-s -w', '-o', binary, 'sigs.k8s.io/controller-tools/cmd/controller-gen'];
  await go(controllerGenModule, ['build', ...flags]);
  return binary;
}

async function generateGroup(
  source: CustomResources,
  controllerGen: string,
  output: string,
  report: (line: string) => void,
): Promise<void> {
  report(`CRDs and bindings of ${source.group}`);
  const scratch = mkdtempSync(join(tmpdir(), 'ahuora-imports-'));
  try {
    const arguments_ = ['crd:maxDescLen=0', `paths=${source.package}`, `output:crd:dir=${scratch}`];
    await step(`controller-gen of ${source.package}`, controllerGen, arguments_, source.module);
    const fileOf = (resource: string) => `${source.group}_${resource}.yaml`;
    for (const resource of source.resources) {
      cpSync(join(scratch, fileOf(resource)), join(output, 'crds', fileOf(resource)));
    }
    const together = join(scratch, `${source.group}.yaml`);
    const bound = source.bindings.map((resource) => readFileSync(join(scratch, fileOf(resource)), 'utf8'));
    writeFileSync(together, bound.join('---\n'));
    const cdk8s = join(repository, 'node_modules', '.bin', 'cdk8s');
    const importArguments = [
      'import',
      together,
      '--language',
      'typescript',
      '--output',
      scratch,
      '--no-save',
      '--no-check-upgrade',
    ];
    await step(`cdk8s import of ${source.group}`, cdk8s, importArguments, scratch);
    cpSync(join(scratch, `${source.group}.ts`), join(output, `${source.group}.ts`));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function readCoreSchemas() {
  const version = await moduleVersion(kubernetesModule, 'k8s.io/kubernetes');
  const file = (path: string) => readModuleFile(kubernetesModule, `k8s.io/kubernetes@${version}`, path);
  const swagger = JSON.parse(await file('api/openapi-spec/swagger.json')) as Swagger;
  const enumerations = readEnumerations(await file('pkg/generated/openapi/zz_generated.openapi.go'));
  return extractCoreSchemas(swagger, enumerations, version);
}

async function readComposeSchema(): Promise<Record<string, unknown>> {
  const path = 'github.com/compose-spec/compose-go/v2';
  const version = await moduleVersion(composeModule, path);
  const file = await readModuleFile(composeModule, `${path}@${version}`, 'schema/compose-spec.json');
  const schema = JSON.parse(file) as Record<string, unknown>;
  return { $comment: `${path} ${version}`, ...schema };
}

/** Text of a file that a pinned module carries. */
async function readModuleFile(module: string, pinned: string, file: string): Promise<string> {
  const { Dir: folder } = JSON.parse(await go(module, ['mod', 'download', '-json', pinned])) as { Dir: string };
  return readFileSync(join(folder, file), 'utf8');
}

async function moduleVersion(module: string, path: string): Promise<string> {
  return (await go(module, ['list', '-m', '-f', '{{.Version}}', path])).trim();
}

async function go(module: string, arguments_: string[]): Promise<string> {
  return step(`go ${arguments_[0]} in ${module}`, 'go', arguments_, module);
}

async function step(name: string, program: string, arguments_: string[], folder: string): Promise<string> {
  const environment = { ...process.env, CGO_ENABLED: '0', GOWORK: 'off' };
  try {
    const { stdout } = await run(program, arguments_, { cwd: folder, env: environment, maxBuffer: 64 << 20 });
    return stdout;
  } catch (error) {
    const failure = error as NodeJS.ErrnoException & { stderr?: string };
    if (failure.code === 'ENOENT')
      throw new Error(`${program} was not found: install Go (https://go.dev) to run this command`);
    throw new Error(`${name} failed: ${(failure.stderr ?? failure.message).trim()}`);
  }
}

/** One definition per line: small, and a version bump shows as the lines that changed. */
function toJson(content: Record<string, unknown>): string {
  const lines = Object.entries(content).map(([key, value]) => {
    if (typeof value !== 'object' || value === null) return `${JSON.stringify(key)}: ${JSON.stringify(value)}`;
    const entries = Object.entries(value).map(([name, item]) => `  ${JSON.stringify(name)}: ${JSON.stringify(item)}`);
    return `${JSON.stringify(key)}: {\n${entries.join(',\n')}\n}`;
  });
  return `{\n${lines.join(',\n')}\n}\n`;
}

/** What people write beside what is generated. */
export const KEPT: readonly string[] = ['programs', 'source', 'third-party', 'third-party.ts'];

async function main(): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), 'ahuora-imports-output-'));
  try {
    await generateImports(scratch, (line) => console.log(line));
    const imports = join(repository, 'imports');
    for (const entry of readdirSync(imports)) {
      if (!KEPT.includes(entry)) rmSync(join(imports, entry), { recursive: true, force: true });
    }
    cpSync(scratch, imports, { recursive: true });
    console.log('imports/ is up to date with the pins');
  } catch (error) {
    process.exitCode = 1;
    console.error(`error: ${(error as Error).message}`);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

if (require.main === module) {
  program(
    'import',
    'Generate imports/ anew from the pinned Go sources: CRDs, typed bindings and schemas. Needs Go.',
    'npm run import',
  )
    .action(main)
    .parse();
}
