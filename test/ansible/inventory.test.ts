import { readInventory } from '../../facts/inventory';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { pictureFiles, networkPicture } from '../../ansible/network-picture';
import { versions as argocdVersions } from '../../facts/chart-versions';

const ansible = join(__dirname, '..', '..', 'ansible');
const text = (...path: string[]) => readFileSync(join(ansible, ...path), 'utf8');
const variables = (name: string) => parse(text('inventory', 'group_vars', 'all', `${name}.yml`));

// Seconds on an idle machine for the layout, more on a busy one.
jest.setTimeout(60_000);

describe('inventory', () => {
  it('is drawn as docs/generated/network.svg shows it (renew with `npm run docs -- --pictures`)', async () => {
    expect(readFileSync(pictureFiles.picture, 'utf8')).toBe(
      await networkPicture(readInventory(pictureFiles.inventory)),
    );
  });

  it('draws another picture for another inventory', async () => {
    const { hosts, ...inventory } = readInventory(pictureFiles.inventory);
    const [first, ...others] = hosts;
    const moved = { ...inventory, hosts: [{ ...first!, address: '192.168.100.199' }, ...others] };
    expect(await networkPicture(moved)).toContain('192.168.100.199');
  });

  it('has no group that is called like a host, so that `hosts:` and `--limit` say one thing', () => {
    const { children } = parse(text('inventory', 'hosts.yml')).all;
    const hosts = Object.values<{ hosts?: object }>(children).flatMap((group) => Object.keys(group.hosts ?? {}));
    expect(hosts.length).toBeGreaterThan(2);
    expect(Object.keys(children).filter((group) => hosts.includes(group))).toEqual([]);
  });
});

describe('pins', () => {
  it('every version carries a Renovate hint on the line above', () => {
    const lines = text('inventory', 'group_vars', 'all', 'versions.yml').split('\n');
    const pins = lines.flatMap((line, index) =>
      /^\w+_version:/.test(line) ? [{ line, above: lines[index - 1]! }] : [],
    );
    expect(pins.length).toBeGreaterThanOrEqual(6);
    for (const { line, above } of pins)
      expect(`${line} <- ${above}`).toMatch(/<- # renovate: datasource=\S+ depName=\S+/);
  });

  it('every recorded sum is that of a version in use; the file is the one that `stage` writes', () => {
    const written = text('playbooks', 'templates', 'checksums.yml.j2').split('artefact_checksums:')[0]!;
    expect(text('inventory', 'group_vars', 'all', 'checksums.yml').startsWith(written)).toBe(true);
    const pins: string[] = Object.values(variables('versions'));
    for (const [file, sum] of Object.entries(variables('checksums').artefact_checksums)) {
      expect(sum).toMatch(/^[0-9a-f]{64}$/);
      expect(pins.some((version) => file.includes(version))).toBe(true);
    }
  });

  it('every artefact is fetched from a source a site can replace, or says how it is built', () => {
    const { artefacts, artefact_sources: sources } = variables('artefacts');
    for (const [name, artefact] of Object.entries<Record<string, string>>(artefacts)) {
      expect(`${name}: ${artefact['file']}`).toMatch(/_version/);
      if (artefact['url'] !== undefined) expect(`${name}: ${artefact['url']}`).toMatch(/: \{\{ artefact_sources\./);
      // By Go, in a folder of tools/ that pins the program; no registry of crates has oci-registry.
      const folders = [...(artefact['build'] ?? '').matchAll(/\bgo (?:run|build) -C \.\.\/(tools\/\S+)/g)].map(
        ([, folder]) => folder!,
      );
      if (artefact['url'] === undefined)
        expect([name, folders.length, /cargo/.test(artefact['build']!)]).toEqual([name, 2, false]);
      for (const folder of folders) expect(existsSync(join(ansible, '..', folder, 'go.mod'))).toBe(true);
    }
    for (const [name, source] of Object.entries(sources))
      expect(`${name} ${source as string}`).toMatch(/ (https:|docker\.io)\//);
  });

  it('the chart of Argo CD that is staged is the one the rendered manifests ask for', () => {
    expect(variables('versions').argocd_chart_version).toBe(argocdVersions.argoCdChart);
  });
});
