import { spawnSync } from 'node:child_process';
import { program } from '../lib/console/program';

/** What the pages show that is made from the code. Each is drawn by a program of its own, since each reads other parts. */
const DRAWERS = ['docs:platform', 'docs:network', 'docs:reachability'];

program(
  'docs',
  'Draw every picture and every generated page in docs/generated again: architecture, network, reachability, rules.',
  'npm run docs',
)
  .action(() => {
    for (const script of DRAWERS) {
      const { status } = spawnSync('npm', ['run', '--silent', script], { stdio: 'inherit' });
      if (status !== 0) process.exitCode = 1;
    }
  })
  .parse();
