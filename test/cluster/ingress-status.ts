import { buildTool } from '../../tools/build';
import { asStream } from './apply';
import type { ControlPlane } from './control-plane';
import { startDaemon, waitUntilReady, type Daemon } from './daemon';
import { freePorts } from '../fixtures/free-ports';
import { accepts } from './git-server';

/**
 * Starts Traefik for the one thing Argo CD waits for: an Ingress is healthy once its controller has published an address in
 * its status. K3s' Traefik publishes the address of its Service; here, where no Service has one, it publishes the server's.
 */
export async function startIngressController(cluster: ControlPlane, address: string): Promise<Daemon> {
  // K3s brings the class with its Traefik.
  const ingressClass = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    metadata: { name: 'traefik' },
    spec: { controller: 'traefik.io/ingress-controller' },
  };
  await cluster.kubectl(['apply', '--server-side', '-f', '-'], asStream([ingressClass]));
  const [port] = (await freePorts(1)) as [number];
  const traefik = startDaemon(
    'ingress-controller',
    await buildTool('traefik'),
    [
      '--global.checknewversion=false',
      '--global.sendanonymoususage=false',
      `--entrypoints.web.address=127.0.0.1:${port}`,
      `--providers.kubernetesingress.endpoint=${cluster.server}`,
      `--providers.kubernetesingress.token=${cluster.token}`,
      `--providers.kubernetesingress.certauthfilepath=${cluster.caFile}`,
      `--providers.kubernetesingress.ingressendpoint.ip=${address}`,
      '--log.level=WARN',
    ],
    { folder: cluster.folder },
  );
  await waitUntilReady(traefik, () => accepts(port));
  return traefik;
}
