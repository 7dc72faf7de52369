import { serviceEndpoint } from '../lib/constructs/network/endpoint';
import type { ContainerProps } from '../lib/constructs/pod/container';
import { httpGet, tcpConnect } from '../lib/constructs/pod/probe';
import { scratch } from '../lib/constructs/pod/volume';
import { cpuQuantity, memoryQuantity } from '../lib/kubernetes/quantity';
import type { Secret } from '../lib/kubernetes/secret';
import { OneAtATime, PodService } from '../lib/constructs/workload/service';
import { ScalableDeployment } from '../lib/constructs/workload/scalable-deployment';
import { knowsTheServer } from './database-client';
import type { DeploymentSettings } from './workload-deployment';
import { idaes } from './idaes';
import { images } from '../facts/images';
import { pgbouncer } from './pgbouncer';
import { AhuoraComponent, type Platform } from './platform';
import { secrets } from '../facts/secrets';
import type { Settings } from '../facts/settings';

/** The Django API, served by Granian (WSGI). */
export const djangoApi = serviceEndpoint('django-api', 8000);

/** User and group of the API's image. */
export const DJANGO_USER = { user: 1000, group: 1000 } as const;

/** What stays the same in every workload variant: the Service, the disruption budget and the connections. */
export class DjangoApi extends AhuoraComponent {
  constructor(platform: Platform) {
    super(platform, djangoApi.host);
    new PodService(this, { port: djangoApi.port });
    new OneAtATime(this);
    this.connects([pgbouncer, idaes]);
  }
}

/** The Deployment of the API, which experiments vary. */
export class DjangoApiWorkload extends AhuoraComponent {
  constructor(platform: Platform, { cpuMillicores, memoryMiB, replicas }: DeploymentSettings) {
    super(platform, djangoApi.host);
    const status = httpGet('/api/status/', djangoApi.port, platform.settings.hosts.api);
    new ScalableDeployment(this, {
      replicas,
      labels: { app: djangoApi.host },
      runAs: DJANGO_USER,
      volumeGroup: DJANGO_USER.group,
      // 5 s of preStop, then 25 s to finish what is in flight.
      terminationGracePeriodSeconds: 30,
      containers: [
        {
          name: djangoApi.host,
          image: images.djangoApi,
          ports: [{ name: 'http', port: djangoApi.port }],
          environment: djangoEnvironment(platform.settings, pgbouncer, secrets.database),
          mounts: [scratch('/tmp', '64Mi'), ...knowsTheServer.mounts],
          resources: {
            // Limits stay the same whatever is requested, so that a variant differs in its request alone.
            cpu: { request: cpuQuantity(cpuMillicores), limit: '2' },
            memory: { request: memoryQuantity(memoryMiB), limit: '1Gi' },
          },
          // Granian dropped requests in flight on SIGTERM, and endpoints take a moment to forget a pod.
          preStopSleepSeconds: 5,
          probes: {
            // The first request loads the application (500 to 1000 ms): the probe makes it, not a user.
            startup: { action: status, periodSeconds: 1, timeoutSeconds: 5, failureThreshold: 60 },
            // A pod that answers late because it is busy stays: without it the others would have its load as well.
            readiness: { action: tcpConnect(djangoApi.port), periodSeconds: 5, timeoutSeconds: 2, failureThreshold: 3 },
            // Restarted after five minutes without an answer: that is a process that hangs, not one that is busy.
            liveness: { action: status, periodSeconds: 30, timeoutSeconds: 30, failureThreshold: 10 },
          },
        },
      ],
    });
  }
}

/** The variables of the API, which its migration shares but for the database's address and the role. */
export function djangoEnvironment(
  { hosts, postgres }: Settings,
  database: { readonly host: string; readonly port: number },
  role: Secret<'username' | 'password'>,
): NonNullable<ContainerProps['environment']> {
  return {
    RUNTIME_MODE: 'production',
    ALLOWED_HOSTS: [hosts.api, djangoApi.host].join(','),
    IDAES_URL: `http://${idaes.host}:${idaes.port}`,
    DATABASE_HOST: database.host,
    DATABASE_PORT: String(database.port),
    DATABASE_NAME: postgres.database,
    DATABASE_USER: role.key('username'),
    DATABASE_PASSWORD: role.key('password'),
    ...knowsTheServer.environment,
    // A pooler in transaction mode may give the next statement another connection, which knows no cursor of this one.
    DISABLE_SERVER_SIDE_CURSORS: 'true',
    SECRET_KEY: secrets.djangoApi.key('secret-key'),
  };
}
