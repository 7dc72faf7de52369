import { traefikChart, TRAEFIK_ADDRESS, type Manifest } from './add-ons';
import type { Kubectl } from './kubectl';

/**
 * Plays the two controllers of K3s that the platform leans on: helm-controller, which merges the platform's HelmChartConfig into
 * Traefik's chart, and servicelb, which gives Traefik's Service its address. Looks every second.
 */
export class K3sStandIn {
  private ended = false;
  private seen: string | undefined;
  private loop: Promise<void> | undefined;

  constructor(private readonly cluster: Kubectl) {}

  async start(): Promise<void> {
    await this.look();
    this.loop = this.keepLooking();
  }

  async stop(): Promise<void> {
    this.ended = true;
    await this.loop;
  }

  private async keepLooking(): Promise<void> {
    while (!this.ended) {
      // The API server may be down, which is one of the things that happen.
      await this.look().catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }

  private async look(): Promise<void> {
    const found = await this.cluster.tryKubectl([
      'get',
      'helmchartconfig',
      'traefik',
      '-n',
      'kube-system',
      '-o',
      'json',
      '--ignore-not-found',
    ]);
    if (found.status !== 0) return;
    const config = found.stdout.trim() === '' ? undefined : (JSON.parse(found.stdout) as Manifest);
    const values = JSON.stringify(config?.['spec'] ?? null);
    if (values === this.seen) return;
    await this.cluster.apply(traefikChart(config));
    await this.cluster.kubectl([
      'patch',
      'service',
      'traefik',
      '-n',
      'kube-system',
      '--subresource=status',
      '--type=merge',
      '-p',
      JSON.stringify({ status: TRAEFIK_ADDRESS }),
    ]);
    this.seen = values;
  }
}
