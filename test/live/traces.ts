import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { toolCache } from '../../tools/build';
import { leftPrefixes } from './cluster';

/**
 * What live clusters left whose process is gone: names of namespaces and control groups, mounts, loop devices, folders,
 * processes. A cluster that still runs leaves none.
 */
export function traces(proc = '/proc'): string[] {
  const runs = join(toolCache(), 'run');
  const isOrphan = (text: string) =>
    [...text.matchAll(/\/run\/(\d+)-live-/g)].some(([, pid]) => !existsSync(join(proc, pid!)));
  const mounts = read(join(proc, 'self', 'mountinfo'))
    .split('\n')
    .filter(isOrphan);
  const loops = list('/sys/block').filter((name) => isOrphan(read(`/sys/block/${name}/loop/backing_file`)));
  const processes = list(proc)
    .filter((entry) => /^\d+$/.test(entry))
    .map((pid) => ({ pid, command: read(join(proc, pid, 'cmdline')).replaceAll('\0', ' ') }))
    .filter(({ command }) => command.includes(runs) && isOrphan(command));
  return [
    ...leftPrefixes().map((prefix) => `namespaces or control groups of ${prefix}`),
    ...mounts.map((line) => `mount ${line}`),
    ...loops.map((name) => `loop device ${name}`),
    ...list(runs)
      .filter((name) => isOrphan(`/run/${name}`))
      .map((name) => `folder ${name}`),
    ...processes.map(({ pid, command }) => `process ${pid}: ${command.slice(0, 120)}`),
  ];
}

function list(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // It is gone, or ended while being looked at.
  }
}
