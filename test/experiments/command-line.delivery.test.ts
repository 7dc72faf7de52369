import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

jest.setTimeout(60_000);

it('a reader that goes away ends the output, not the command', async () => {
  const cli = join(__dirname, '../../experiments/cli.ts');
  const command = spawn(process.execPath, ['--import', 'tsx', cli, 'plan'], { stdio: ['ignore', 'pipe', 'pipe'] });
  command.stdout.destroy();
  let complaints = '';
  command.stderr.on('data', (chunk: Buffer) => (complaints += String(chunk)));
  const [status] = (await once(command, 'close')) as [number | null];
  expect([status, complaints]).toEqual([0, '']);
});
