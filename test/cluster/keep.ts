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

(process.argv.includes('--live') ? keepLiveCluster() : main()).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
