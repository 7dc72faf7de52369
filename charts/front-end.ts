import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigFiles } from '../lib/constructs/config-files';
import { serviceEndpoint } from '../lib/constructs/network/endpoint';
import { scratch } from '../lib/constructs/pod/volume';
import { WebService } from '../lib/constructs/workload/web-service';
import { images } from '../facts/images';
import { AhuoraComponent, type Platform } from './platform';

export const frontEnd = serviceEndpoint('front-end', 8080);

/** The static Vite build in nginx. The address of the API is fixed when the image is built. */
export class FrontEnd extends AhuoraComponent {
  constructor(platform: Platform) {
    super(platform, 'front-end');
    const config = new ConfigFiles(this, 'front-end-config', {
      'default.conf': readFileSync(join(__dirname, 'front-end', 'default.conf'), 'utf8'),
    });
    new WebService(this, {
      image: images.frontEnd,
      port: frontEnd.port,
      replicas: 2,
      probes: '/healthz',
      // 101 is `nginx` in the official image.
      runAs: { user: 101, group: 101 },
      mounts: [
        { kind: 'config', config, path: '/etc/nginx/conf.d' },
        scratch('/var/cache/nginx', '64Mi'),
        scratch('/run', '1Mi'),
        scratch('/tmp', '16Mi'),
      ],
      resources: { cpu: { request: '50m', limit: '500m' }, memory: { request: '32Mi', limit: '128Mi' } },
    });
  }
}
