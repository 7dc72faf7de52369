import { createHash } from 'node:crypto';
import { join, relative } from 'node:path';
import type * as TypeScript from 'typescript';
import { CACHE, hasPassed, keepPassed } from './passed';

const repository = join(__dirname, '..', '..', '..');
/** Name of this check among those that remember what passed. */
const TYPES = 'types';

/** Digest of every TypeScript file that was loaded, by its path: what require-typescript.cjs keeps. */
type LoadedSources = ReadonlyMap<string, string>;

/**
 * What the compiler says of the files that this run was loaded from, one sentence each; nothing when they are as they were
 * when they last passed.
 *
 * esbuild drops types unread, so a misspelt property would silently mean nothing: `replica: 2` is one pod. The compiler
 * costs seconds, and is asked only when a file has changed since it last agreed; what it knows of the others is kept.
 */
export function typeErrors(): string[] {
  const sources = loadedSources();
  if (!sources) return []; // Loaded by another way, such as tsx in a test.
  const digest = digestOf(sources);
  if (hasPassed(TYPES, digest)) return [];
  const errors = check();
  if (errors.length === 0) keepPassed(TYPES, digest);
  return errors;
}

/** Set by require-typescript.cjs, and so by the program itself alone. */
export function loadedSources(): LoadedSources | undefined {
  return (globalThis as { loadedTypescript?: LoadedSources }).loadedTypescript;
}

function digestOf(sources: LoadedSources): string {
  const lines = [...sources].map(([file, digest]) => `${relative(repository, file)} ${digest}`).sort();
  return createHash('sha1').update(lines.join('\n')).digest('hex');
}

function check(): string[] {
  const ts = require('typescript') as typeof TypeScript;
  const { config, error } = ts.readConfigFile(join(repository, 'tsconfig.json'), ts.sys.readFile) as {
    config: { compilerOptions: object };
    error?: TypeScript.Diagnostic;
  };
  if (error) return [`tsconfig.json: ${ts.flattenDiagnosticMessageText(error.messageText, ' ')} Correct its syntax.`];
  const { options } = ts.convertCompilerOptionsFromJson(
    {
      ...config.compilerOptions,
      types: ['node'],
      noEmit: true,
      // Unfinished work may hold a name that nothing uses yet; `npm run typecheck` is stricter.
      noUnusedLocals: false,
      noUnusedParameters: false,
      tsBuildInfoFile: join(CACHE, TYPES, 'synth.tsbuildinfo'),
    },
    repository,
  );
  const program = ts.createIncrementalProgram({
    rootNames: [join(repository, 'main.ts')],
    options,
    host: ts.createIncrementalCompilerHost(options),
  });
  const diagnostics = [...program.getSyntacticDiagnostics(), ...program.getSemanticDiagnostics()];
  try {
    program.emit();
  } catch {
    // A folder that cannot be written to costs time, not correctness.
  }
  return diagnostics.map(({ file, start, messageText }) => {
    const text = ts.flattenDiagnosticMessageText(messageText, ' ').replace(/\s+/g, ' ');
    if (!file || start === undefined) return text;
    const { line, character } = file.getLineAndCharacterOfPosition(start);
    return `${relative(repository, file.fileName)}:${line + 1}:${character + 1}: ${text}`;
  });
}
