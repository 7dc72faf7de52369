import { reportFailure } from '../../lib/console/failure';
import { program } from '../../lib/console/program';
import { keepLiveCluster } from '../live/keep';
import { startControlPlane } from './control-plane';

/**
 * Starts a throw-away cluster for a developer and keeps it until Ctrl-C, or until whoever started it is gone. With `--live`
 * it is one of real nodes and containers that runs the platform.
 */
async function main(): Promise<void> {
  const started = Date.now();
  const cluster = await startControlPlane();
  console.error(
    `The cluster is ready after ${((Date.now() - started) / 1000).toFixed(1)} s. Ctrl-C ends and removes it. Its kubeconfig:`,
  );
  console.log(cluster.kubeconfig);
  // A signal is not enough to keep Node running.
  const alive = setInterval(() => undefined, 60_000);
  let ending = false;
  const end = () => {
    if (ending) return;
    ending = true;
    clearInterval(alive);
    cluster.stop().catch((error: unknown) => {
      console.error(error);
      process.exitCode = 1;
    });
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
}

program(
  'cluster',
  'Start a throw-away cluster, print its kubeconfig, and keep it until Ctrl-C.',
  'npm run cluster',
  'npm run cluster -- --live',
)
  .option(
    '--live',
    'three real nodes with containers that run the platform, instead of a control plane with simulated ones',
  )
  .action(({ live }: { live?: boolean }) =>
    (live ? keepLiveCluster() : main()).catch((error: unknown) => reportFailure(error)),
  )
  .parse();
