import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// Six trials of a minute and a half each with set-up, up to five attempts each, and the first Python environment.
jest.setTimeout(60 * 60_000);

const CLI = join(__dirname, '../../../experiments/cli.ts');
/** Two profiles at which one process of the reference API is busy, but not overrun. */
const TRIALS = {
  seen: ['--profile', 'average', '--duration-scale', '0.15'],
  unseen: ['--profile', 'stress', '--duration-scale', '0.1', '--rate-scale', '0.8'],
};

let root: string;
beforeAll(() => (root = mkdtempSync(join(tmpdir(), 'reality-check-'))));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function experiment(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--require', 'tsx/cjs', CLI, ...args], {
    encoding: 'utf8',
  });
  return { status, text: stdout + stderr };
}

/** A real local trial: reference API of one process, fixed replicas, the embedded generator. */
function measure(name: keyof typeof TRIALS): string {
  const campaign = join(root, name);
  console.error(`reality check: measuring the ${name} profile against the reference API`);
  const run = experiment(
    'run',
    '--local',
    '--campaign',
    campaign,
    ...['--experiment', 'replica-count', '--test-type', 'uor', '--variant', 'uor-replicas-1'],
    // Three of each: the 95th percentile of one trial of a minute alone scatters by as much as the bound allows.
    ...['--repetitions', '3', '--attempts', '5'],
    ...TRIALS[name],
  );
  // A trial that stays invalid says that the machine was too busy to measure anything.
  expect(run).toMatchObject({ status: 0 });
  return campaign;
}

test('calibrated on one profile, the rehearsal predicts median and 95th percentile of another within 25 %', () => {
  const [seen, unseen] = [measure('seen'), measure('unseen')];
  const check = experiment('calibrate', seen, '--predict', unseen, '--within', '25');
  console.error(check.text);
  expect(check).toMatchObject({ status: 0 });

  // The command does fail where a prediction is worse than asked for.
  expect(experiment('calibrate', seen, '--predict', unseen, '--within', '0.001').status).toBe(1);
});
