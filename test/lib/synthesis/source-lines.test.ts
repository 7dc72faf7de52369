import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const LOADER = resolve(__dirname, '..', '..', '..', 'lib', 'synthesis', 'require-typescript.cjs');

/** Types and the enum make the compiled text differ from the source in its lines. */
const SOURCE = `interface Named {
  readonly name: string;
}

enum Colour {
  Red,
}

export function refuse(named: Named): never {
  throw new RangeError(\`no \${named.name} in \${Colour[0]}\`);
}

async function outer(): Promise<void> {
  await undefined;
  refuse({ name: 'x' });
}

outer().catch((error: Error) => console.log(error.stack));
`;

test.each(['at first', 'when its compiled text is there already'])(
  'a stack names the lines of the source %s',
  (when) => {
    const folder = mkdtempSync(join(tmpdir(), 'source-lines-'));
    try {
      const file = join(folder, 'fails.ts');
      writeFileSync(file, SOURCE);
      const run = () => spawnSync(process.execPath, ['--require', LOADER, file], { encoding: 'utf8' });
      if (when !== 'at first') run();
      const { stdout, stderr } = run();
      expect(stderr).toBe('');
      expect(stdout).toContain(`RangeError: no x in Red\n    at refuse (${file}:10:9)\n    at outer (${file}:15:3)\n`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
);
