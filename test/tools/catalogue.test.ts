import { componentOf, components, pinnedVersion } from '../../tools/catalogue';

describe('the catalogue of tools', () => {
  test.each(components.map((component) => [component.name, component] as const))(
    '%s has one exact version where Renovate reads it',
    (_name, component) => {
      expect(pinnedVersion(component)).toMatch(/^v?\d+\.\d+\.\d+$/);
    },
  );

  test('no two components give a binary of the same name', () => {
    const binaries = components.flatMap((component) => component.binaries);
    expect(new Set(binaries).size).toBe(binaries.length);
  });

  test('a tool that is not in the catalogue is refused with the names of those that are', () => {
    expect(() => componentOf('kubeclt')).toThrow(/no tool is called "kubeclt"; known tools: .*kubectl/);
  });
});
