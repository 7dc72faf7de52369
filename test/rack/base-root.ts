import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { toolCache } from '../../tools/build';
import { progress } from './progress';

const release = 'bookworm';
/** Password of the user that the imager makes. */
export const userPassword = 'rack-password';
/** What Raspberry Pi OS Lite has and the roles touch. */
const packages = [
  'systemd', 'systemd-sysv', 'libpam-systemd', 'dbus', 'udev', 'openssh-server', 'python3', 'python3-apt', 'sudo',
  'network-manager', 'nftables', 'iptables', 'iproute2', 'iputils-ping', 'systemd-timesyncd', 'ca-certificates', 'openssl',
  'procps', 'kmod', 'tzdata', 'dnsmasq-base', 'cloud-init', 'netplan.io', 'libfaketime',
]; // prettier-ignore
/** What the roles install: with everything these depend on the content of the stand-in Debian archive. */
const installed = ['dnsmasq', 'ntpsec', 'apt-cacher-ng', 'nginx', 'restic'];
/** What `reset` puts back. */
const putBack = ['systemd-timesyncd'];

/** Files of Raspberry Pi OS that Debian does not have. */
const image = join(__dirname, 'image');

/** Debian packages of the machine that runs the rack. */
const needed = [
  'mmdebstrap', 'systemd-container', 'dnsmasq-base', 'iproute2', 'openssh-client', 'openssh-server', 'python3-venv', 'gnupg', 'nftables',
]; // prettier-ignore

/** Raspberry Pi OS as far as it matters here, and the archive its hosts install from. Both kept in the cache. */
export interface BaseRoot {
  /** Root file system, never written to. */
  readonly root: string;
  /** Debian archive: `dists/` and `pool/`. */
  readonly archive: string;
}

/** Installs what the rack needs of the system. @throws Error in one sentence when it can't. */
export function ensureSystemPackages(): void {
  if (process.getuid?.() !== 0)
    throw new Error('The rack needs root, for namespaces, mounts and systemd-nspawn: run it as root.');
  const missing = needed.filter((name) => !isInstalled(name));
  if (missing.length === 0) return;
  progress(`installing ${missing.join(', ')}`);
  try {
    execFileSync('apt-get', ['update', '-qq'], { stdio: 'ignore' });
    execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], {
      stdio: 'ignore',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  } catch {
    throw new Error(
      `The Debian packages ${missing.join(', ')} can't be installed: install them by hand, then run the rack again.`,
    );
  }
}

function isInstalled(name: string): boolean {
  try {
    return execFileSync('dpkg-query', ['-W', '-f', '${Status}', name], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).endsWith(' installed');
  } catch {
    return false;
  }
}

/** The base root from the cache, made first (about 90 s) when it is not there. */
export function baseRoot(): BaseRoot {
  const inputs = [
    __filename,
    ...readdirSync(image, { recursive: true, withFileTypes: true })
      .filter((each) => each.isFile())
      .map((each) => join(each.parentPath, each.name))
      .sort(),
  ];
  const key = createHash('sha256')
    .update(inputs.map((path) => readFileSync(path, 'utf8')).join('\0'))
    .digest('hex')
    .slice(0, 8);
  const folder = join(toolCache(), 'rack', `${release}-${key}`);
  const base = { root: join(folder, 'root'), archive: join(folder, 'archive') };
  if (existsSync(folder)) return base;
  mkdirSync(join(toolCache(), 'rack'), { recursive: true });
  const scratch = mkdtempSync(join(toolCache(), 'rack', '.making-'));
  progress('making the base root file system, once; about 90 s');
  try {
    makeRoot(join(scratch, 'root'), join(scratch, 'archive', 'pool'));
    indexArchive(join(scratch, 'archive'));
    signArchive(join(scratch, 'archive'), join(scratch, 'root', 'etc/apt/keyrings/rack.gpg'));
    renameSync(scratch, folder);
  } catch (error) {
    rmSync(scratch, { recursive: true, force: true });
    throw error;
  }
  return base;
}

function makeRoot(root: string, pool: string): void {
  mkdirSync(pool, { recursive: true });
  const hooks = [
    // Downloaded while the package lists are there; what apt would install is what the hosts will ask for.
    `chroot "$1" apt-get -y --download-only -o APT::Install-Recommends=false install ${installed.join(' ')}`,
    `chroot "$1" sh -c 'cd /var/cache/apt/archives && apt-get download ${putBack.join(' ')}'`,
    `cp "$1"/var/cache/apt/archives/*.deb "${pool}"`,
    `cp -r "${image}"/. "$1"/ && chroot "$1" systemctl enable dphys-swapfile.service`,
    // The image's own user, as the imager makes it.
    `chroot "$1" useradd --create-home --shell /bin/bash ahuora`,
    // Raspberry Pi OS since April 2026: sudo asks for the user's password, root's is locked.
    `chroot "$1" usermod --append --groups sudo ahuora && echo 'ahuora:${userPassword}' | chroot "$1" chpasswd && chroot "$1" passwd --lock root`,
    `printf '127.0.0.1\\tlocalhost\\n127.0.1.1\\traspberrypi\\n' >"$1"/etc/hosts && echo raspberrypi >"$1"/etc/hostname`,
    `echo 'deb [signed-by=/etc/apt/keyrings/rack.gpg] http://deb.debian.org/debian ${release} main' >"$1"/etc/apt/sources.list`,
    // Ansible's modules, and what they call, see the clock of a board without a battery (image/usr/local/bin/date).
    `mv "$1"/usr/bin/python3 "$1"/usr/bin/python3-with-real-clock && mv "$1"/usr/bin/python3-with-slow-clock "$1"/usr/bin/python3`,
    // The rack's time is short: no waiting for links, no daily timers.
    `chroot "$1" systemctl mask NetworkManager-wait-online.service dpkg-db-backup.timer e2scrub_all.timer fstrim.timer`,
  ];
  try {
    execFileSync(
      'nice',
      ['mmdebstrap', '--variant=apt', `--include=${packages.join(',')}`, '--aptopt=APT::Install-Recommends "false"',
        ...['doc', 'man', 'locale'].map((folder) => `--dpkgopt=path-exclude=/usr/share/${folder}/*`),
        ...hooks.map((hook) => `--customize-hook=${hook}`), release, root], // prettier-ignore
      { stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1 << 26 },
    );
  } catch (error) {
    const output = String((error as { stderr?: Buffer }).stderr ?? error)
      .trim()
      .split('\n')
      .slice(-5)
      .join('\n');
    throw new Error(`The base root file system can't be made by mmdebstrap:\n${output}`);
  }
}

/** Signs the archive as of now, with a key that only this archive has. */
function signArchive(archive: string, keyring: string): void {
  const home = mkdtempSync(join(archive, '..', '.gnupg-'));
  const gpg = (...args: string[]) =>
    execFileSync('gpg', ['--homedir', home, '--batch', '--quiet', '--yes', ...args], { stdio: 'pipe' });
  try {
    gpg('--passphrase', '', '--quick-generate-key', 'Rack archive', 'ed25519', 'sign', 'never');
    const folder = join(archive, 'dists', release);
    gpg('--clearsign', '--output', join(folder, 'InRelease'), join(folder, 'Release'));
    mkdirSync(dirname(keyring), { recursive: true });
    gpg('--output', keyring, '--export');
  } finally {
    execFileSync('gpgconf', ['--homedir', home, '--kill', 'all'], { stdio: 'ignore' });
    rmSync(home, { recursive: true, force: true });
  }
}

/** The archive's own date, which apt compares with the clock of the host. */
export function archiveDate(base: BaseRoot): Date {
  return new Date(/^Date: (.*)$/m.exec(readFileSync(join(base.archive, 'dists', release, 'Release'), 'utf8'))![1]!);
}

/** Writes the index files apt reads. */
function indexArchive(archive: string): void {
  const entries = readdirSync(join(archive, 'pool')).map((file) => {
    const path = join(archive, 'pool', file);
    const control = execFileSync('dpkg-deb', ['--field', path], { encoding: 'utf8' }).trimEnd();
    const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex');
    return `${control}\nFilename: pool/${file}\nSize: ${statSync(path).size}\nSHA256: ${sha256}\n`;
  });
  const index = Buffer.from(entries.join('\n'));
  const folder = join(archive, 'dists', release, 'main', 'binary-amd64');
  mkdirSync(folder, { recursive: true });
  const files = { 'main/binary-amd64/Packages': index, 'main/binary-amd64/Packages.gz': gzipSync(index) };
  const sums = Object.entries(files).map(([name, content]) => {
    writeFileSync(join(archive, 'dists', release, name), content);
    return ` ${createHash('sha256').update(content).digest('hex')} ${content.length} ${name}`;
  });
  const header = [
    'Origin: Stand-in',
    `Suite: ${release}`,
    `Codename: ${release}`,
    `Date: ${new Date().toUTCString().replace('GMT', 'UTC')}`,
    'Architectures: amd64',
    'Components: main',
  ];
  writeFileSync(join(archive, 'dists', release, 'Release'), [...header, 'SHA256:', ...sums, ''].join('\n'));
}
