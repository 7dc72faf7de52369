import { settings } from '../../facts/settings';
import { LiveCluster } from './cluster';
import type { Rewriting } from './manifests';

/** Starts a live cluster with the platform for a person to look at, and keeps it until Ctrl-C. */
export async function keepLiveCluster(): Promise<void> {
  const cluster = await LiveCluster.start({ say: (line) => console.error(line) });
  let ending = false;
  const ended = new Promise<void>((resolve) => {
    const end = () => {
      if (ending) return;
      ending = true;
      console.error('ending');
      cluster.stop().then(resolve, (error: unknown) => {
        console.error(error);
        process.exitCode = 1;
        resolve();
      });
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
  });
  // A signal is not enough to keep Node running.
  const alive = setInterval(() => undefined, 60_000);
  await cluster.deploy();
  console.error(summaryOf(cluster.rewritings));
  console.error(howToLook(cluster));
  console.log(cluster.kubectl.kubeconfig);
  await ended;
  clearInterval(alive);
}

/** What was rewritten, in a few lines. */
function summaryOf(rewritings: readonly Rewriting[]): string {
  const counts = new Map<string, number>();
  for (const { field, before, after } of rewritings) {
    const kind = `${field.split('.').slice(-2).join('.')}: ${before} -> ${after}`;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [
    'rewritten in the manifests, and nothing else:',
    ...[...counts].map(([kind, count]) => `  ${count} x ${kind}`),
  ].join('\n');
}

function howToLook(cluster: LiveCluster): string {
  const { entry, google } = cluster.relays;
  const rules = [
    ...Object.values(settings.hosts).map((host) => `MAP ${host}:443 127.0.0.1:${entry.port}`),
    `MAP accounts.google.com:443 127.0.0.1:${google.port}`,
  ];
  return [
    `Argo CD syncs the platform now. Its public entry is 127.0.0.1:${entry.port}; to look at it in a browser:`,
    `  chromium --ignore-certificate-errors --user-data-dir=/tmp/ahuora-browser --host-resolver-rules="${rules.join(',')}" https://${settings.hosts.frontEnd}/`,
    `Sign in as ${cluster.people.authorised} (any password); ${cluster.people.stranger} is somebody else and is refused.`,
    'Ctrl-C ends and removes all of it. KUBECONFIG:',
  ].join('\n');
}
