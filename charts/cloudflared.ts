import { httpGet, usualProbes, type Probes } from '../lib/constructs/pod/probe';
import { WorkerService } from '../lib/constructs/workload/worker-service';
import { cloudflareEdge, publicNameServers, traefik } from './external';
import { images } from '../facts/images';
import { FOUNDATION } from './namespace';
import { AhuoraComponent, type Platform } from './platform';
import { secrets } from '../facts/secrets';

const METRICS = 2000;

/**
 * The public entry: forwards what comes through connections to Cloudflare's edge to Traefik on 443. The cluster's name server
 * may run on a node that knows no outside name; the public ones are asked next.
 */
export class Cloudflared extends AhuoraComponent {
  constructor(platform: Platform) {
    super(platform, 'cloudflared', 'gateway');
    const { internetNode, outsideNameServers } = platform.settings;
    new WorkerService(this, {
      image: images.cloudflared,
      args: ['tunnel', '--no-autoupdate', '--metrics', `0.0.0.0:${METRICS}`, 'run'],
      ports: [{ name: 'metrics', port: METRICS }],
      environment: { TUNNEL_TOKEN: secrets.cloudflared.key('token') },
      probes: PROBES,
      priorityClass: FOUNDATION,
      host: internetNode,
      fallbackNameServers: outsideNameServers,
      resources: { cpu: { request: '100m', limit: '1' }, memory: { request: '64Mi', limit: '256Mi' } },
      connects: [traefik, cloudflareEdge, publicNameServers(platform.settings)],
    });
  }
}

/**
 * Ready while a connection to the edge is open. Alive as long as the process answers: without an uplink a restart opens no
 * connection, and the kubelet's pause between restarts would keep the way in closed for minutes after the uplink is back.
 */
const PROBES: Probes = {
  ...usualProbes(httpGet('/healthcheck', METRICS)),
  readiness: usualProbes(httpGet('/ready', METRICS)).readiness,
};
