import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { files, networkPicture } from '../../ansible/network-picture';
import { versions as argocdVersions } from '../../argocd/versions';

const ansible = join(__dirname, '..', '..', 'ansible');
const text = (...path: string[]) => readFileSync(join(ansible, ...path), 'utf8');
const variables = (name: string) => parse(text('inventory', 'group_vars', 'all', `${name}.yml`));

describe('inventory', () => {
  it('is drawn as docs/generated/network.svg shows it (renew with `npm run network-picture`)', () => {
    expect(readFileSync(files.picture, 'utf8')).toBe(networkPicture(text('inventory', 'hosts.yml')));
  });

  it('draws another picture for another inventory', () => {
    const moved = text('inventory', 'hosts.yml').replace('192.168.100.127', '192.168.100.128');
    expect(networkPicture(moved)).toContain('192.168.100.128');
  });

  it('has no group that is called like a host, so that `hosts:` and `--limit` say one thing', () => {
    const { children } = parse(text('inventory', 'hosts.yml')).all;
    const hosts = Object.values<{ hosts?: object }>(children).flatMap((group) => Object.keys(group.hosts ?? {}));
    expect(hosts).toHaveLength(8);
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

  it('every artefact has a line for its sha256, and no line is left over', () => {
    const named = Object.keys(variables('artefacts').artefacts).sort();
    expect(Object.keys(variables('checksums').artefact_checksums).sort()).toEqual(named);
    for (const [name, artefact] of Object.entries<{ sha256: string }>(variables('artefacts').artefacts))
      expect(artefact.sha256).toBe(`{{ artefact_checksums.${name} }}`);
    for (const sum of Object.values(variables('checksums').artefact_checksums))
      expect(sum).toMatch(/^([0-9a-f]{64})?$/);
  });

  it('the chart of Argo CD that is staged is the one the rendered manifests ask for', () => {
    expect(variables('versions').argocd_chart_version).toBe(argocdVersions.argoCdChart);
  });
});
