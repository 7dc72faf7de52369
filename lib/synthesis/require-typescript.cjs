/**
 * Lets Node require TypeScript files: `node --require ./lib/synthesis/require-typescript.cjs main.ts`.
 *
 * Synthesis runs at every save and in every workflow, and more than half of its time went into loading itself: tsx
 * resolves and maps each of some 100 files anew. Here a file is compiled once, by the same esbuild, and kept under a name
 * made of its content; esbuild is not even started when nothing changed. Types are checked by `npm run typecheck`.
 */
const { createHash } = require('node:crypto');
const { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const nodeModule = require('node:module');
const { join } = require('node:path');

const cache = join(__dirname, '..', '..', 'node_modules', '.cache', 'require-typescript');
const esbuild = join(__dirname, '..', '..', 'node_modules', 'esbuild');
const salt = JSON.parse(readFileSync(join(esbuild, 'package.json'), 'utf8')).version;

// From Node 22 on the engine keeps its compiled code as well.
nodeModule.enableCompileCache?.(join(cache, 'engine'));

nodeModule._extensions['.ts'] = function requireTypescript(module, file) {
  const source = readFileSync(file, 'utf8');
  module._compile(compiled(source), file);
};

function compiled(source) {
  const kept = join(cache, `${createHash('sha1').update(salt).update(source).digest('hex')}.js`);
  if (existsSync(kept)) return readFileSync(kept, 'utf8');
  const { code } = require(esbuild).transformSync(source, {
    loader: 'ts',
    format: 'cjs',
    target: 'node20',
    platform: 'node',
  });
  mkdirSync(cache, { recursive: true });
  // Two runs at once may both write: the rename lets neither read half a file.
  const scratch = `${kept}.${process.pid}`;
  writeFileSync(scratch, code);
  renameSync(scratch, kept);
  return code;
}
