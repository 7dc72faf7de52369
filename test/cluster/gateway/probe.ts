import { request } from 'node:http';
import type { k8s } from '../../../lib/constructs/typed-kinds';
import { listens } from '../../fixtures/pgbouncer-server';

/** Asks once what a rendered probe asks. Commands are not run: there is no container to run them in. */
export function probeOnce(probe: k8s.Probe, container: k8s.Container, address: string): Promise<boolean> {
  const { httpGet, tcpSocket } = probe;
  if (tcpSocket) return listens(portOf(tcpSocket.port, container), address);
  if (!httpGet) return Promise.resolve(true);
  const headers = Object.fromEntries((httpGet.httpHeaders ?? []).map(({ name, value }) => [name, value]));
  return new Promise((resolve) => {
    const call = request(
      {
        host: address,
        port: portOf(httpGet.port, container),
        path: httpGet.path ?? '/',
        headers: { 'user-agent': 'kube-probe/1.34', connection: 'close', ...headers },
        timeout: (probe.timeoutSeconds ?? 1) * 1000,
        agent: false,
      },
      (response) => {
        response.resume();
        // The kubelet takes every status from 200 to 399 for success.
        resolve(response.statusCode! >= 200 && response.statusCode! < 400);
      },
    );
    call.on('timeout', () => call.destroy());
    call.on('error', () => resolve(false));
    call.end();
  });
}

function portOf(port: k8s.IntOrString, container: k8s.Container): number {
  const value = port as unknown as number | string | { value: number | string };
  const wanted = typeof value === 'object' ? value.value : value;
  if (typeof wanted === 'number') return wanted;
  const named = container.ports?.find(({ name }) => name === wanted);
  if (!named) throw new Error(`probe of ${container.name}: there is no port called ${wanted}`);
  return named.containerPort;
}
