/**
 * Lets Node require TypeScript files. With tsx loading was more than half of a synthesis; here a file is compiled once, and
 * kept under a name made of its content. before-writing/type-check.ts reads here what was loaded.
 */
const { createHash } = require('node:crypto');
const { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const nodeModule = require('node:module');
const { dirname, join, relative } = require('node:path');

const repository = join(__dirname, '..', '..');
refuseOtherNode();

const cache = join(repository, 'node_modules', '.cache', 'require-typescript');
const esbuild = join(repository, 'node_modules', 'esbuild');
if (!existsSync(join(esbuild, 'package.json')))
  refuse('what this program is made with is not installed, or not all of it; type npm ci first.');
const salt = `${JSON.parse(readFileSync(join(esbuild, 'package.json'), 'utf8')).version} with maps beside, without blanks`;

// From Node 22 on the engine keeps its compiled code as well.
nodeModule.enableCompileCache?.(join(cache, 'engine'));

/** Digest of each file that was loaded, by its path. */
const loaded = (globalThis.loadedTypescript = new Map());

// Node would read every map at once, those of libraries too: a fifth of a synthesis.
Error.prepareStackTrace = (error, frames) =>
  require('./source-lines.cjs')(error, frames, (file) => join(cache, `${loaded.get(file)}.map`));

nodeModule._extensions['.ts'] = function requireTypescript(module, file) {
  const source = readFileSync(file, 'utf8');
  const digest = createHash('sha1').update(salt).update(file).update(source).digest('hex');
  loaded.set(file, digest);
  module._compile(compiled(source, digest, file), file);
};

// Node asks for four other endings first.
const resolveFilename = nodeModule._resolveFilename;
nodeModule._resolveFilename = function resolveTypescript(request, parent, ...more) {
  if (request.startsWith('.') && parent?.filename?.endsWith('.ts')) {
    const file = `${join(dirname(parent.filename), request)}.ts`;
    if (existsSync(file)) return file;
  }
  return resolveFilename.call(this, request, parent, ...more);
};

const requireJson = nodeModule._extensions['.json'];
nodeModule._extensions['.json'] = function requireOwnJson(module, file) {
  try {
    requireJson(module, file);
  } catch (error) {
    const path = relative(repository, file);
    if (error.name !== 'SyntaxError' || path.startsWith('..') || path.startsWith('node_modules')) throw error;
    refuse(`${error.message.replace(file, path)}; correct the syntax there.`);
  }
};

function compiled(source, digest, file) {
  const kept = join(cache, `${digest}.js`);
  if (existsSync(kept)) return readFileSync(kept, 'utf8');
  const { code, map } = transform(source, file);
  try {
    mkdirSync(cache, { recursive: true });
    keep(join(cache, `${digest}.map`), map);
    keep(kept, code);
  } catch {
    // A folder that cannot be written to costs time, not correctness.
  }
  return code;
}

/** Two runs at once may both write: the rename lets neither read half a file. */
function keep(file, text) {
  const scratch = `${file}.${process.pid}`;
  writeFileSync(scratch, text);
  renameSync(scratch, file);
}

function transform(source, file) {
  if (source.trim() === '') {
    const path = relative(repository, file);
    refuse(`${path} is empty, and others need what it says; restore it: git checkout -- ${path}`);
  }
  try {
    return require(esbuild).transformSync(source, {
      loader: 'ts',
      format: 'cjs',
      target: 'node20',
      platform: 'node',
      sourcefile: file,
      sourcemap: 'external',
      sourcesContent: false,
      minifyWhitespace: true,
      logLevel: 'silent',
    });
  } catch (error) {
    const [problem] = error.errors ?? [];
    if (!problem?.location) throw error;
    const { line, column } = problem.location;
    refuse(`${relative(repository, file)}:${line}:${column + 1}: ${problem.text}; correct the syntax there.`);
  }
}

/** The engines of package.json, as `>=20.19 <25`. */
function refuseOtherNode() {
  const { engines } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'));
  const bounds = /^>=(\d+)\.(\d+) <(\d+)$/.exec(engines.node);
  if (!bounds) return;
  const [major, minor] = process.versions.node.split('.').map(Number);
  const [leastMajor, leastMinor, below] = bounds.slice(1).map(Number);
  if ((major > leastMajor || (major === leastMajor && minor >= leastMinor)) && major < below) return;
  refuse(`Node ${process.versions.node} is not one of ${engines.node}; use the version that .nvmrc names.`);
}

function refuse(sentence) {
  console.error(`error: ${sentence}`);
  process.exit(1);
}
