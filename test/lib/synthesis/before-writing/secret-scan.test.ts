import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const repository = join(__dirname, '..', '..', '..', '..');

/** In a process of its own, since the detector is an ES module and jest loads CommonJS. */
function secretsIn(outputs: readonly (readonly [path: string, text: string])[]): string[] {
  const program = `require('./lib/synthesis/before-writing/secret-scan.ts').secretsIn(new Map(${JSON.stringify(outputs)})).then((found) => console.log(JSON.stringify(found)))`;
  const loader = './lib/synthesis/require-typescript.cjs';
  return JSON.parse(
    execFileSync(process.execPath, ['--require', loader, '--eval', program], { cwd: repository, encoding: 'utf8' }),
  ) as string[];
}

// Put together here, so that this file itself holds none.
const npmToken = ['npm', 'aB3dE5gH7jK9mN1pQ3sT5vX7zA9cE1gH3jK5'].join('_');
const sendGrid = ['SG', 'aB3dE5gH7jK9mN1pQ3sT5v', 'X7zA9cE1gH3jK5mN7pQ9sT1vX3zA5cE7gH9jK1mN3pQ'].join('.');

test('a credential that the detector knows by its form is named by file and line, and is not repeated', () => {
  const found = secretsIn([
    ['platform/sound.yaml', 'kind: ConfigMap\ndata: {}\n'],
    ['platform/web.yaml', `kind: ConfigMap\ndata:\n  token: ${npmToken}\n  mail: ${sendGrid}\n`],
  ]);
  expect(found.map((each) => each.replace(/: .*/, ''))).toEqual(['platform/web.yaml:3', 'platform/web.yaml:4']);
  expect(found.join('\n')).not.toMatch(/aB3dE5/);
  expect(found[0]).toMatch(/found .*npm.*; declare a secret contract and read it from the Secret$/i);
});
