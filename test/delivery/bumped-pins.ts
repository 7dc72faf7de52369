import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Pin } from './declared-pins';

/** The settings of renovate.json that decide which pins move together. */
interface PackageRule {
  readonly groupName?: string | null;
  readonly matchPackageNames?: readonly string[];
  readonly matchManagers?: readonly string[];
  readonly matchFileNames?: readonly string[];
  readonly matchDepTypes?: readonly string[];
}

/** A later version of the same form: the last number raised by one. */
function laterVersion(version: string): string {
  const last = [...version.matchAll(/\d+/g)].at(-1);
  if (!last) throw new Error(`"${version}" holds no number that could be raised.`);
  return `${version.slice(0, last.index)}${Number(last[0]) + 1}${version.slice(last.index + last[0].length)}`;
}

/** The pins by what one pull request of Renovate moves: its group, or the dependency alone. */
export function pullRequests(root: string, pins: readonly Pin[]): Map<string, Pin[]> {
  const rules = JSON.parse(readFileSync(join(root, 'renovate.json'), 'utf8')).packageRules as PackageRule[];
  const requests = new Map<string, Pin[]>();
  for (const pin of pins) {
    const group = rules.filter((rule) => matches(root, rule, pin)).findLast(({ groupName }) => groupName !== undefined);
    const name = group?.groupName ?? `${pin.file}: ${pin.name ?? pin.value}`;
    requests.set(name, [...(requests.get(name) ?? []), pin]);
  }
  return requests;
}

function matches(root: string, rule: PackageRule, pin: Pin): boolean {
  const { matchPackageNames, matchManagers, matchFileNames, matchDepTypes } = rule;
  if (!matchPackageNames && !matchManagers) return false;
  const name = pin.name ?? nameFromHint(root, pin);
  return (
    (!matchPackageNames || matchPackageNames.some((pattern) => fits(pattern, name))) &&
    (!matchManagers || matchManagers.includes(managerOf(pin.file))) &&
    (!matchFileNames || matchFileNames.some((pattern) => fits(pattern, pin.file))) &&
    (!matchDepTypes || matchDepTypes.includes(depTypeOf(root, pin)))
  );
}

/** The dependency that the comment above a line names. */
function nameFromHint(root: string, { file, value }: Pin): string {
  const lines = readFileSync(join(root, file), 'utf8').split('\n');
  const line = lines.findIndex((text) => !/renovate:/.test(text) && holds(text, value));
  return /depName=(\S+)/.exec(lines.slice(Math.max(0, line - 1), line + 1).join('\n'))?.[1] ?? '';
}

function fits(pattern: string, name: string): boolean {
  return pattern.endsWith('/**') ? name.startsWith(pattern.slice(0, -2)) : pattern === name;
}

function managerOf(file: string): string {
  if (file.endsWith('package.json')) return 'npm';
  if (file.endsWith('go.mod')) return 'gomod';
  if (file.endsWith('.txt')) return 'pip_requirements';
  if (file.startsWith('.github/')) return 'github-actions';
  return file === '.nvmrc' ? 'nvm' : 'custom.regex';
}

function depTypeOf(root: string, { file, name }: Pin): string {
  if (!file.endsWith('package.json')) return '';
  const { devDependencies = {} } = JSON.parse(readFileSync(join(root, file), 'utf8'));
  return name !== undefined && name in devDependencies ? 'devDependencies' : 'dependencies';
}

/** Moves pins to later versions in a work tree, each in the file that declares it. */
export function bump(root: string, pins: readonly Pin[]): void {
  // A module that is required and replaced by the same version stands twice, and moves at once.
  const different = new Map(pins.map((pin) => [`${pin.file} ${pin.name} ${pin.value}`, pin]));
  for (const pin of different.values()) {
    const path = join(root, pin.file);
    const before = readFileSync(path, 'utf8');
    const after = before
      .split('\n')
      .map((line) => (concerns(line, pin) ? line.replace(standingAlone(pin.value), laterVersion(pin.value)) : line))
      .join('\n');
    if (after === before) throw new Error(`${pin.file}: ${pin.name ?? ''} ${pin.value} was not found.`);
    writeFileSync(path, after);
  }
}

function concerns(line: string, { name, value }: Pin): boolean {
  return (
    holds(line, value) && (name === undefined || name === 'go' || name === 'node' || standingAlone(name).test(line))
  );
}

function holds(line: string, value: string): boolean {
  return standingAlone(value).test(line);
}

/** The text where no longer name or version holds it. */
function standingAlone(text: string): RegExp {
  return new RegExp(`(?<![\\w.])${text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w.]|/\\w|-[a-z]{2})`);
}
