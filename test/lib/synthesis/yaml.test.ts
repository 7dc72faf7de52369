import { parse } from 'yaml';
import { toYaml } from '../../../lib/synthesis/yaml';
import type { KubernetesObject } from '../../../lib/kubernetes/object';

const configMap = (data: Record<string, unknown>) =>
  ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' }, data }) as unknown as KubernetesObject;

/** Texts that YAML 1.1 or 1.2 would take for something else when they are not quoted. */
const MISREAD = [
  'yes',
  'No',
  'on',
  'OFF',
  'y',
  'true',
  'null',
  '~',
  '',
  '0123',
  '0o14',
  '0x1f',
  '1e3',
  '12:30:45',
  '1_000',
  '.5',
  '2020-01-01',
  '- a',
  'a: b',
  '# no',
  '*a',
  '&a',
  '!x',
  '%x',
  '@x',
  '`x',
  '.inf',
  '<<',
];

describe('YAML', () => {
  it.each(MISREAD)('keeps the text %j a text for readers of YAML 1.1 and 1.2', (text) => {
    const yaml = toYaml([configMap({ text })]);
    for (const version of ['1.1', '1.2'] as const) expect(parse(yaml, { version }).data.text).toBe(text);
    expect(yaml).toMatch(/text: ["']/);
  });

  it('leaves plain texts unquoted', () => {
    expect(toYaml([configMap({ a: 'plain', b: '500m', c: 'http://web:80/' })])).toContain(
      'a: plain\n  b: 500m\n  c: http://web:80/\n',
    );
  });

  it('repeats what occurs twice instead of pointing at it', () => {
    const shared = { app: 'web' };
    const yaml = toYaml([{ ...configMap({}), spec: { a: shared, b: shared } }]);
    expect(yaml).not.toMatch(/[&*]/);
    expect(yaml.match(/app: web/g)).toHaveLength(2);
  });

  it('does not fold long lines, and writes texts of several lines as they are', () => {
    const long = 'word '.repeat(60).trim();
    const yaml = toYaml([configMap({ long, lines: 'one\ntwo\n' })]);
    expect(yaml).toContain(`  long: ${long}\n`);
    expect(yaml).toContain('  lines: |\n    one\n    two\n');
  });

  it('separates objects by a document marker and ends in one newline', () => {
    const yaml = toYaml([configMap({ a: 'x' }), configMap({ a: 'y' })]);
    expect(yaml.match(/^---$/gm)).toHaveLength(1);
    expect(yaml).toMatch(/[^\n]\n$/);
  });
});
