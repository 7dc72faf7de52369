import type { ContainerProps } from '../lib/constructs/pod/container';
import { images } from '../facts/images';
import { postgres } from './postgres';

/**
 * An init container that ends once Postgres takes connections from this very pod. A young pod is refused until the network
 * policy controller of its node has learned its address, some seconds after its start (kube-router, which K3s embeds, rejects
 * such a connection), and Postgres itself may be starting; a job must not fail on either. The job's own deadline bounds the wait.
 */
export const waitForPostgres: ContainerProps = {
  name: 'wait-for-postgres',
  image: images.postgres,
  command: [
    '/bin/sh',
    '-c',
    `until pg_isready --host=${postgres.host} --port=${postgres.port} --timeout=3; do sleep 2; done`,
  ],
  resources: { cpu: { request: '10m', limit: '200m' }, memory: { request: '16Mi', limit: '64Mi' } },
};
