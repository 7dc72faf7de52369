import { compare } from '../../../lib/synthesis/difference';
import { toYaml } from '../../../lib/synthesis/yaml';
import { UPDATES } from '../../fixtures/updates';

describe('what the API server will refuse', () => {
  it('has cases of both sorts', () => {
    expect(UPDATES.filter(({ isRefused }) => isRefused).length).toBeGreaterThanOrEqual(20);
    expect(UPDATES.filter(({ isRefused }) => !isRefused).length).toBeGreaterThanOrEqual(20);
  });

  // The same table is tried against the real API server in test/cluster/updates.cluster.test.ts.
  it.each(UPDATES.map(({ name, ...rest }) => [name, rest] as const))('%s', (_name, { was, is, isRefused }) => {
    const outputs = (object: object) => new Map([['platform/case.yaml', toYaml([object] as never)]]);
    const refused = compare(outputs(was), outputs(is)).consequences.filter(({ effect }) => effect === 'refused');
    expect(refused.length > 0).toBe(isRefused);
  });
});
