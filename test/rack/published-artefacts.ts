import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parse, stringify } from 'yaml';

/** Versions of the stand-in of K3s. */
export const k3sVersions = { installed: 'v1.34.4+k3s1', next: 'v1.34.5+k3s1' };

const versions = (): Record<string, string> =>
  parse(readFileSync(join(__dirname, '../../ansible/inventory/group_vars/all/versions.yml'), 'utf8'));

/** sha256 of a file. */
export const sha256 = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');

/** Path of the stand-in of K3s where the stand-in internet gives it out. */
export const publishedK3s = (folder: string, version: string): string => join(folder, 'k3s', version, 'k3s-arm64');

/**
 * Fills a folder with what the projects publish, under their names and with their lists of sums: K3s as the executable
 * stand-in, the rest as small files, since nothing on the rack runs them.
 */
export function publish(folder: string, ansiblePrograms: string): void {
  for (const version of Object.values(k3sVersions)) {
    const file = publishedK3s(folder, version);
    mkdirSync(dirname(file), { recursive: true });
    buildK3sStandIn(version, ansiblePrograms, file);
    const images = join(dirname(file), 'k3s-airgap-images-arm64.tar.zst');
    writeFileSync(images, `images of ${version}\n`);
    writeFileSync(
      join(dirname(file), 'sha256sum-arm64.txt'),
      `${'0'.repeat(64)}  k3s-airgap-images-arm64.tar.gz\n${line(images)}${line(file)}`,
    );
  }
  const pinned = versions();
  const place = (path: string): string => {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `stand-in for ${basename(file)}\n`.repeat(1000));
    return file;
  };
  const k6 = place(`k6/${pinned['k6_version']}/k6-${pinned['k6_version']}-linux-arm64.tar.gz`);
  writeFileSync(join(dirname(k6), `k6-${pinned['k6_version']}-checksums.txt`), line(k6));
  const node = place(`node/${pinned['node_version']}/node-${pinned['node_version']}-linux-arm64.tar.gz`);
  writeFileSync(join(dirname(node), 'SHASUMS256.txt'), line(node));
  const compose = place(`docker_compose/${pinned['docker_compose_version']}/docker-compose-linux-aarch64`);
  writeFileSync(`${compose}.sha256`, line(compose, '*'));
  const zerotier = pinned['zerotier_version'];
  place(`zerotier/${zerotier}/dist/debian/bookworm/zerotier-one_${zerotier}_arm64.deb`);
  const chart = pinned['argocd_chart_version']!;
  const chartFile = place(`argocd_chart/argo-cd-${chart}/argo-cd-${chart}.tgz`);
  const entries = {
    'argo-cd': [
      { version: '0.0.1', digest: '0'.repeat(64) },
      { version: chart, digest: sha256(chartFile) },
    ],
  };
  writeFileSync(
    join(dirname(place('argocd_chart_index/index.yaml')), 'index.yaml'),
    stringify({ apiVersion: 'v1', entries }),
  );
}

const line = (file: string, mark = ' '): string => `${sha256(file)} ${mark}${basename(file)}\n`;

/** Packs the stand-in and the YAML library into one executable file, as K3s is one. */
function buildK3sStandIn(version: string, programs: string, target: string): void {
  const scratch = mkdtempSync(`${target}-`);
  cpSync(join(__dirname, '../stand-ins/k3s'), scratch, { recursive: true });
  const library = execFileSync(
    join(programs, 'python'),
    ['-c', 'import os, yaml; print(os.path.dirname(yaml.__file__))'],
    { encoding: 'utf8' },
  ).trim();
  cpSync(library, join(scratch, 'yaml'), { recursive: true, filter: (path) => !/\.so$|__pycache__/.test(path) });
  writeFileSync(join(scratch, 'version.py'), `VERSION = ${JSON.stringify(version)}\n`);
  execFileSync('python3', [
    '-m',
    'zipapp',
    '--python',
    '/usr/bin/python3-with-real-clock',
    '--output',
    target,
    scratch,
  ]);
  chmodSync(target, 0o755);
  rmSync(scratch, { recursive: true });
}
