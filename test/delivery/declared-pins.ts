import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { versions } from '../../facts/chart-versions';
import { images } from '../../facts/images';

/** One pinned version, as the file that declares it says and as Renovate should find it. */
export interface Pin {
  readonly file: string;
  /** Absent where only a comment for Renovate names the dependency. */
  readonly name?: string;
  readonly value: string;
  readonly datasource?: string;
}

/**
 * Every version that this repository pins, read from the pin files themselves and not from Renovate's comments in them.
 *
 * @param root folder of a git work tree
 */
export function declaredPins(root: string): Pin[] {
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  }).split('\n');
  const read = (file: string) => readFileSync(join(root, file), 'utf8');
  const named = (pattern: RegExp) => files.filter((file) => pattern.test(file));
  return [
    ...imagePins(),
    ...Object.values(versions).map((value) => ({ file: 'facts/chart-versions.ts', value })),
    ...versionsOfAnsible(read),
    ...named(/(^|\/)package\.json$/).flatMap((file) => npmPins(file, read(file))),
    ...named(/(^|\/)go\.mod$/).flatMap((file) => goPins(file, read(file))),
    // Except those that stay at an old version because of its flaw.
    ...named(/(^|\/)requirements(?!-flawed)[\w-]*\.txt$/).flatMap((file) => pythonPins(file, read(file))),
    ...named(/^\.github\/workflows\/.*\.yml$/).flatMap((file) => actionPins(file, read(file))),
    { file: '.nvmrc', name: 'node', value: read('.nvmrc').trim(), datasource: 'node-version' },
  ];
}

function imagePins(): Pin[] {
  return Object.values(images).map((image) => {
    const [named] = image.split('@');
    const colon = named!.lastIndexOf(':');
    return {
      file: 'facts/images.ts',
      name: named!.slice(0, colon),
      value: named!.slice(colon + 1),
      datasource: 'docker',
    };
  });
}

function versionsOfAnsible(read: (file: string) => string): Pin[] {
  const file = 'ansible/inventory/group_vars/all/versions.yml';
  return Object.values(parse(read(file)) as Record<string, string>).map((value) => ({ file, value: String(value) }));
}

function npmPins(file: string, text: string): Pin[] {
  const { dependencies = {}, devDependencies = {}, engines = {} } = JSON.parse(text);
  const packages = { ...dependencies, ...devDependencies } as Record<string, string>;
  return [
    // A package under a name of ours is pinned as npm:its-own-name@version.
    ...Object.entries(packages).map(([name, value]) => ({
      file,
      name,
      value: value.replace(/^npm:.*@/, ''),
      datasource: 'npm',
    })),
    ...Object.entries(engines as Record<string, string>).map(([name, value]) => ({
      file,
      name,
      value,
      datasource: 'node-version',
    })),
  ];
}

/** Direct requirements, replacements and the language version; what they bring along is no pin of ours. */
function goPins(file: string, text: string): Pin[] {
  const requirements = [...text.matchAll(/^(?:require)?\s+(\S+) (v\S+)$/gm)];
  const replacements = [...text.matchAll(/^(?:replace)?\s+\S+(?: v\S+)? => (\S+) (v\S+)$/gm)];
  const language = /^go (\S+)$/m.exec(text)![1]!;
  return [
    { file, name: 'go', value: language, datasource: 'golang-version' },
    ...[...requirements, ...replacements].map(([, name, value]) => ({
      file,
      name: name!,
      value: value!,
      datasource: 'go',
    })),
  ];
}

function pythonPins(file: string, text: string): Pin[] {
  return [...text.matchAll(/^([\w.-]+)(?:\[[^\]]*\])?==([^\s;]+)/gm)].map(([, name, value]) => ({
    file,
    name: name!,
    value: value!,
    datasource: 'pypi',
  }));
}

function actionPins(file: string, text: string): Pin[] {
  const actions = [...text.matchAll(/uses: ([\w-]+\/[\w-]+)\S*@[0-9a-f]{40} # (\S+)/g)];
  const runners = [...text.matchAll(/runs-on: ([a-z]+)-(\S+)/g)];
  return [
    ...actions.map(([, name, value]) => ({
      file,
      name: name!,
      value: value!,
      datasource: 'github-tags',
    })),
    ...runners.map(([, name, value]) => ({ file, name: name!, value: value!, datasource: 'github-runners' })),
  ];
}
