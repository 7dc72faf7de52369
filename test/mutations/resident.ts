/**
 * Run in a copy of the repository by {@link Workshop}: synthesises what the copy holds, each time as a new process would,
 * without starting Node and parsing declarations again, which is most of a synthesis.
 */
import { join, sep } from 'node:path';
import type * as TypeScript from 'typescript';

interface Program {
  model: () => unknown;
}
interface Synthesis {
  runCommand: (model: () => unknown, argv: readonly string[]) => Promise<void>;
}

/** Thrown in place of the end of the process. */
class Ended extends Error {
  constructor(readonly code: number) {
    super(`ended with ${code}`);
  }
}

const folder = process.cwd();

process.on('message', (changed: string) => {
  void synthesise(changed).then((outcome) => process.send?.(outcome));
});
keepParsedFiles();

async function synthesise(changed: string): Promise<{ exitCode: number; said: string }> {
  forget(changed);
  process.exitCode = 0;
  let said = '';
  const note = (...texts: unknown[]) => (said += `${texts.map(String).join(' ')}\n`);
  const kept = {
    log: console.log,
    error: console.error,
    out: process.stdout.write,
    err: process.stderr.write,
    exit: process.exit,
  };
  console.log = console.error = note;
  process.stdout.write = process.stderr.write = (text: unknown) => note(text) !== '';
  // A file that cannot be compiled ends a process at once; this one goes on with the next mistake.
  process.exit = (code) => {
    throw new Ended(Number(code));
  };
  try {
    const { model } = require(join(folder, 'main.ts')) as Program;
    const { runCommand } = require(join(folder, 'lib/synthesis/index.ts')) as Synthesis;
    await runCommand(model, ['node', 'main.ts', 'synth', '--output', 'dist']);
  } catch (error) {
    // What a process says that ends by it.
    if (!(error instanceof Ended)) note((error as Error).stack ?? error);
    process.exitCode = 1;
  } finally {
    process.exit = kept.exit;
    console.log = kept.log;
    console.error = kept.error;
    process.stdout.write = kept.out;
    process.stderr.write = kept.err;
  }
  const exitCode = Number(process.exitCode ?? 0);
  process.exitCode = 0;
  return { exitCode, said };
}

/** Everything of the repository is loaded anew, but for what is generated, which no mistake is made in. */
function forget(changed: string): void {
  const imports = join(folder, 'imports') + sep;
  for (const path of Object.keys(require.cache)) {
    if (!path.startsWith(folder + sep) || path.includes(`${sep}node_modules${sep}`)) continue;
    if (path.startsWith(imports) && !changed.startsWith('imports')) continue;
    delete require.cache[path];
  }
}

/** A file that the compiler has parsed is parsed again only when its text is another. */
function keepParsedFiles(): void {
  const path = require.resolve(join(folder, 'node_modules/typescript'));
  const ts = require(path) as typeof TypeScript;
  const make = ts.createIncrementalCompilerHost;
  const parsed = new Map<string, TypeScript.SourceFile>();
  const patched = (options: TypeScript.CompilerOptions) => {
    const host = make(options);
    const { getSourceFile } = host;
    host.getSourceFile = (name, languageVersion, ...rest) => {
      const known = parsed.get(name);
      if (known && (name.includes('/node_modules/') || known.text === host.readFile(name))) return known;
      const file = getSourceFile.call(host, name, languageVersion, ...rest);
      if (file) parsed.set(name, file);
      return file;
    };
    return host;
  };
  // The compiler's own exports cannot be replaced.
  require.cache[path]!.exports = Object.create(ts, { createIncrementalCompilerHost: { value: patched } });
}
