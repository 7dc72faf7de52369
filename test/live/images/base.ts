import { appendFile, mkdir, rm, symlink, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { must } from '../command';
import type { LayerRecipe } from './layer';

/** Debian's release of the base, and what the images run from it. */
const RELEASE = 'bookworm';
const PACKAGES = [
  'python3', 'postgresql-15', 'postgresql-client-15', 'pgbouncer', 'nginx-light', 'redis-server', 'git', 'gpg', 'gpg-agent', 'ca-certificates',
  'procps', 'iproute2',
]; // prettier-ignore

/** Users of the official images: a program that asks for its own name wants an entry. */
const USERS: Readonly<Record<string, number>> = {
  postgres: 999,
  pgbouncer: 70,
  django: 1000,
  nginx: 101,
  nonroot: 65532,
};

/** Compilers of Postgres' just-in-time code, package lists and caches: large, and never used here. */
const LEFT_OUT = [
  'usr/lib/x86_64-linux-gnu/libLLVM*', 'usr/lib/x86_64-linux-gnu/libz3.so*', 'usr/lib/llvm*', 'usr/lib/postgresql/15/lib/llvmjit*',
  'usr/lib/postgresql/15/lib/bitcode', 'var/lib/postgresql/15', 'var/lib/apt/lists/*', 'var/cache/*', 'var/log/*', 'usr/share/doc',
  'usr/share/man', 'usr/share/locale', 'usr/share/perl', 'usr/lib/x86_64-linux-gnu/perl', 'usr/share/i18n', 'usr/lib/x86_64-linux-gnu/gconv',
  'etc/machine-id', 'etc/hostname', 'etc/resolv.conf', 'dev/*', 'usr/share/postgresql/15/man',
]; // prettier-ignore

/** What all images of Debian programs share, so that a node holds it once. */
export const debianBase: LayerRecipe = {
  name: 'debian',
  inputs: [{ text: JSON.stringify([RELEASE, PACKAGES, USERS, LEFT_OUT]) }],
  keepOwners: true,
  fill: async (folder) => {
    await rm(folder, { recursive: true });
    await must(
      'nice',
      [
        'mmdebstrap',
        '--quiet',
        '--variant=minbase',
        `--include=${PACKAGES.join(',')}`,
        '--aptopt=APT::Install-Recommends "false"',
        ...['doc', 'man', 'locale'].map((each) => `--dpkgopt=path-exclude=/usr/share/${each}/*`),
        RELEASE,
        folder,
      ],
      // Debian's own tools take their times from it, so that two builds of one day are equal.
      { env: { SOURCE_DATE_EPOCH: '0' } },
    );
    await must('sh', ['-c', `rm -rf ${LEFT_OUT.map((path) => `"$0"/${path}`).join(' ')}`, folder]);
    for (const [name, id] of Object.entries(USERS)) {
      await appendFile(join(folder, 'etc/passwd'), `${name}-image:x:${id}:${id}::/nonexistent:/usr/sbin/nologin\n`);
      await appendFile(join(folder, 'etc/group'), `${name}-image:x:${id}:\n`);
    }
    await symlink('python3', join(folder, 'usr/bin/python'));
    // Debian's wrappers of these programs need Perl.
    for (const program of await readdir(join(folder, 'usr/lib/postgresql/15/bin')))
      await symlink(`/usr/lib/postgresql/15/bin/${program}`, join(folder, 'usr/local/bin', program));
    await mkdir(join(folder, 'docker-entrypoint-initdb.d'), { recursive: true });
  },
};
