import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What a running system changes by itself or by having been used, and no reset puts back. This list is the one in
 * docs/cluster-from-eight-boxes.md.
 */
const volatile: readonly RegExp[] = [
  /^\/(run|tmp|proc|sys|dev)\//,
  /^\/var\/(log|tmp|cache)\//, // logs, package cache
  /^\/var\/lib\/(apt|dpkg|systemd|NetworkManager|ucf|dhcp|private|sudo|cloud)\//, // package lists and status, timers, leases, runs of cloud-init
  /^\/etc\/(passwd|group|shadow|gshadow|subuid|subgid)-$/, // backups made by the user tools
  /^\/etc\/(machine-id|resolv\.conf(\.\w{6})?|ld\.so\.cache|\.updated)$/, // written at boot
  /^\/var\/(\.updated|lib\/dbus\/machine-id)$/,
  /^\/(root|home\/ahuora)\/\.(ansible|bash_history|lesshst|sudo_as_admin_successful)/,
  /\/__pycache__(\/|$)/,
];

/** Every path of a root file system with what makes it up, volatile ones left out. */
export function listing(root: string): Map<string, string> {
  const entries = new Map<string, string>();
  const walk = (folder: string) => {
    for (const name of readdirSync(join(root, folder))) {
      const path = `${folder}/${name}`;
      const full = join(root, path);
      // Programs of a running system replace files by way of others that live for milliseconds.
      const status = lstatSync(full, { throwIfNoEntry: false });
      if (!status) continue;
      const isFolder = status.isDirectory();
      if (volatile.some((pattern) => pattern.test(isFolder ? `${path}/` : path))) continue;
      const owner = `${(status.mode & 0o7777).toString(8)} ${status.uid}:${status.gid}`;
      if (status.isSymbolicLink()) entries.set(path, `link ${readlinkSync(full)}`);
      else if (isFolder) entries.set(path, `folder ${owner}`);
      else if (status.isFile()) {
        const content = contentOf(full);
        if (content) entries.set(path, `file ${owner} ${createHash('sha1').update(content).digest('hex')}`);
      } else entries.set(path, `special ${owner}`);
      if (isFolder) walk(path);
    }
  };
  walk('');
  return entries;
}

/** Undefined when the file has gone since it was seen. */
function contentOf(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Debian packages installed, one a line. */
export function packages(root: string): string[] {
  const output = execFileSync(
    'dpkg-query',
    [
      '--admindir',
      join(root, 'var/lib/dpkg'),
      '--show',
      '--showformat',
      '${Package} ${Version} ${db:Status-Status}\\n',
    ],
    { encoding: 'utf8' },
  );
  return output.trim().split('\n').sort();
}

/** What the second listing has more, less or otherwise, one a line. */
export function difference(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort();
  return paths
    .filter((path) => before.get(path) !== after.get(path))
    .map((path) => `${path}: ${before.get(path) ?? 'absent'} -> ${after.get(path) ?? 'absent'}`);
}
