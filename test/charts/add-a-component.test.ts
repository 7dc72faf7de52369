import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { COMPONENTS, model } from '../../main';
import { checkPlatform } from '../../lib/checks';
import { renderFiles } from '../../lib/synthesis/render';
import { Admin } from './fixtures/admin';

const FIXTURE = readFileSync(join(__dirname, 'fixtures', 'admin.ts'), 'utf8');
const PAGE = readFileSync(join(__dirname, '..', '..', 'docs', 'how-to', 'add-a-component.md'), 'utf8');

describe('a component of the common kind', () => {
  const extended = model(undefined, undefined, [...COMPONENTS, Admin]);
  const files = renderFiles(extended);

  it('takes one file of at most 40 lines', () => {
    expect(FIXTURE.trimEnd().split('\n').length).toBeLessThanOrEqual(40);
  });

  it('is shown in the how-to exactly as this test compiles it', () => {
    const asInCharts = FIXTURE.replaceAll('../../../charts/', './')
      .replaceAll('../../../lib/', '../lib/')
      .replaceAll('../../../facts/', '../facts/');
    expect(PAGE).toContain(`\`\`\`ts\n${asInCharts}\`\`\``);
  });

  it('passes every check beside the whole platform', () => {
    expect(checkPlatform(extended, files)).toEqual([]);
  });

  it('brings Deployment, Service and Ingress, and its network edges', () => {
    const own = files.find(({ path }) => path === 'platform/admin.yaml')!.objects;
    expect(own.map(({ kind, metadata }) => `${kind}/${metadata.name}`)).toEqual([
      'Deployment/admin',
      'Service/admin',
      'Ingress/admin',
    ]);
    expect(extended.connections).toEqual(
      expect.arrayContaining([
        { from: 'admin', to: 'pgbouncer', port: 6432, protocol: 'TCP' },
        { from: 'traefik', to: 'admin', port: 8000, protocol: 'TCP' },
      ]),
    );
  });

  it('changes no other file but the network policies, and what the workloads wait for', () => {
    const before = new Map(renderFiles(model()).map((file) => [file.path, JSON.stringify(file.objects)]));
    const changed = files.filter(({ path, objects }) => before.get(path) !== JSON.stringify(objects));
    expect(changed.map(({ path }) => path)).toEqual([
      'platform/admin.yaml',
      'platform/network.yaml',
      'platform/platform-applied.yaml',
      'workloads/base/wait-for-platform.yaml',
    ]);
  });
});
