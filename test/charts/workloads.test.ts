import type { LooseObject } from '../fixtures/loose';
import { settings } from '../../facts/settings';
import { images } from '../../facts/images';
import { containerOf, environmentOf, inBase, inPlatform, inProduction, platformFiles } from './rendered';

describe('django-api', () => {
  const deployment = inProduction('Deployment', 'django-api');
  const container = containerOf(deployment);

  it('runs its image with the label django-api', () => {
    expect(container.image).toBe(images.djangoApi);
    expect(deployment.spec.template.metadata.labels.app).toBe('django-api');
  });

  it('reads database credentials from a Secret and everything else from variables', () => {
    expect(environmentOf(deployment)).toEqual({
      RUNTIME_MODE: 'production',
      ALLOWED_HOSTS: 'api.ahuora.org.nz,django-api',
      IDAES_URL: 'http://idaes:8080',
      DATABASE_HOST: 'pgbouncer',
      DATABASE_PORT: '6432',
      DATABASE_NAME: 'ahuora',
      DATABASE_USER: 'database/username',
      DATABASE_PASSWORD: 'database/password',
      PGCONNECT_TIMEOUT: '5',
      PGSSLMODE: 'verify-full',
      PGSSLROOTCERT: '/etc/database-authority/ca.crt',
      DISABLE_SERVER_SIDE_CURSORS: 'true',
      SECRET_KEY: 'django-api/secret-key',
    });
  });

  it('sleeps 5 s before it stops, within a grace period of 30 s', () => {
    expect(container.lifecycle).toEqual({ preStop: { sleep: { seconds: 5 } } });
    expect(deployment.spec.template.spec.terminationGracePeriodSeconds).toBe(30);
  });

  it('gets no traffic before /api/status/ has answered, asked under a host name that Django allows', () => {
    expect(container.startupProbe.httpGet).toEqual({
      path: '/api/status/',
      port: 8000,
      httpHeaders: [{ name: 'Host', value: 'api.ahuora.org.nz' }],
    });
  });

  it('leaves its number of pods to the autoscaler', () => {
    expect(deployment.spec).not.toHaveProperty('replicas');
    const { spec } = inProduction('HorizontalPodAutoscaler', 'django-api');
    expect(spec.scaleTargetRef).toEqual({ apiVersion: 'apps/v1', kind: 'Deployment', name: 'django-api' });
    expect(spec.behavior.scaleDown.stabilizationWindowSeconds).toBe(30);
  });

  it('is reached through a ClusterIP Service that selects its pods', () => {
    const { spec } = inPlatform('Service', 'django-api');
    expect(spec.type).toBe('ClusterIP');
    expect(deployment.spec.template.metadata.labels).toMatchObject(spec.selector);
  });
});

describe('idaes', () => {
  it('runs its image and scales apart from the API', () => {
    expect(containerOf(inProduction('Deployment', 'idaes')).image).toBe(images.idaes);
    expect(inProduction('HorizontalPodAutoscaler', 'idaes').spec.scaleTargetRef.name).toBe('idaes');
  });

  it('is internal: no ingress leads to it, and only django-api may connect', () => {
    const ingresses = platformFiles.flatMap(({ objects }) => objects).filter(({ kind }) => kind === 'Ingress');
    expect(JSON.stringify(ingresses)).not.toContain('idaes');
    expect(inPlatform('NetworkPolicy', 'idaes').spec.ingress).toEqual([
      {
        from: [{ podSelector: { matchLabels: { 'app.kubernetes.io/name': 'django-api' } } }],
        ports: [{ port: 8080, protocol: 'TCP' }],
      },
    ]);
  });
});

describe('front-end', () => {
  it('serves the static build with a configuration whose change rolls the pods', () => {
    const { metadata, spec } = inPlatform('Deployment', 'front-end').spec.template;
    expect(metadata.annotations['checksum/config']).toMatch(/^[0-9a-f]{16}$/);
    expect(spec.containers[0].image).toBe(images.frontEnd);
    expect(inPlatform('ConfigMap', 'front-end-config').data['default.conf']).toContain(
      'try_files $uri $uri/ /index.html',
    );
  });
});

describe('database-migration', () => {
  const job = inBase('Job', 'database-migration');

  it('runs once, with the very image of the API, in a wave before it', () => {
    expect(containerOf(job).image).toBe(images.djangoApi);
    const waveOf = (object: LooseObject) => Number(object.metadata.annotations?.['argocd.argoproj.io/sync-wave']);
    expect(waveOf(job)).toBeLessThan(waveOf(inProduction('Deployment', 'django-api')));
    expect(job.metadata.annotations).not.toHaveProperty('argocd.argoproj.io/hook');
  });

  it('is the same object in every variant, so that selecting one never starts it', () => {
    const jobs = platformFiles.flatMap(({ objects }) => objects).filter(({ kind }) => kind === 'Job');
    expect(new Set(jobs)).toEqual(new Set([job, inBase('Job', 'wait-for-platform')]));
    expect(jobs.length).toBeGreaterThan(60);
  });

  it('talks to Postgres itself, not to the pooler', () => {
    expect(environmentOf(job)).toMatchObject({ DATABASE_HOST: 'postgres', DATABASE_PORT: '5432' });
  });

  it('is the one workload that changes tables: it alone runs as their owner', () => {
    expect(environmentOf(job)).toMatchObject({
      DATABASE_USER: 'database-owner/username',
      DATABASE_PASSWORD: 'database-owner/password',
    });
    const readers = secretReaders('database-owner');
    expect(readers).toEqual(['CronJob/postgres-restore', `Job/${job.metadata.name}`, 'StatefulSet/postgres']);
    expect(secretReaders('database-backup')).toEqual(['CronJob/postgres-backup', 'StatefulSet/postgres']);
    expect(secretReaders('postgres')).toEqual(['StatefulSet/postgres']);
  });

  it('waits until Postgres lets its role in, so that neither a first installation nor an upgrade fails, but not for ever', () => {
    const [wait] = job.spec.template.spec.initContainers;
    expect(wait.command.at(-1)).toMatch(/^until psql .*--command='SELECT 1'; do sleep 2; done$/);
    expect(wait.env).toContainEqual({ name: 'PGHOST', value: 'postgres' });
    expect(wait.env.find(({ name }: { name: string }) => name === 'PGUSER').valueFrom.secretKeyRef.name).toBe(
      'database-owner',
    );
    expect(job.spec.activeDeadlineSeconds).toBe(900);
  });

  it('is in another Application than Postgres: one hook before both would wait for ever', () => {
    const [file] = platformFiles.filter(({ objects }) =>
      objects.some(({ kind, metadata }) => kind === 'StatefulSet' && metadata.name === 'postgres'),
    );
    expect(file!.path).toBe('platform/postgres.yaml');
  });
});

describe('cloudflared', () => {
  const deployment = inPlatform('Deployment', 'cloudflared');

  it('runs on control with its token from a Secret', () => {
    expect(deployment.spec.template.spec.nodeSelector['kubernetes.io/hostname']).toBe('control');
    expect(environmentOf(deployment)).toEqual({ TUNNEL_TOKEN: 'cloudflared/token' });
  });

  it('is restarted for its own faults alone: without an uplink it is unready and keeps running', () => {
    const { startupProbe, livenessProbe, readinessProbe } = containerOf(deployment);
    const paths = [startupProbe, livenessProbe, readinessProbe].map((probe) => probe.httpGet.path);
    expect(paths).toEqual(['/healthcheck', '/healthcheck', '/ready']);
  });

  it('may reach Traefik, name servers and the edge, and nothing else', () => {
    const ports = inPlatform('NetworkPolicy', 'cloudflared').spec.egress.map(
      ({ ports: list }: { ports: { port: number }[] }) => [...new Set(list.map(({ port }) => port))],
    );
    expect(ports).toEqual([[53], [8443], [7844], [53]]);
  });

  it.each(['cloudflared', 'oauth2-proxy'])('%s asks the name servers that are set, and no other outside', (name) => {
    interface Rule {
      ports: { port: number }[];
      to: { ipBlock?: { cidr: string } }[];
    }
    const rules = inPlatform('NetworkPolicy', name).spec.egress as Rule[];
    const asked = rules.filter(
      ({ ports, to }) => ports.some(({ port }) => port === 53) && to.some((peer) => peer.ipBlock),
    );
    expect(asked.flatMap(({ to }) => to.map(({ ipBlock }) => ipBlock?.cidr))).toEqual(
      settings.outsideNameServers.map((address) => `${address}/32`),
    );
  });
});

/** Workloads of everything rendered whose pods read a Secret. */
function secretReaders(name: string): string[] {
  const readers = platformFiles
    .flatMap(({ objects }) => objects)
    .filter((object) => JSON.stringify(object).includes(`"secretKeyRef":{"name":"${name}",`))
    .map(({ kind, metadata }) => `${kind}/${metadata.name}`);
  return [...new Set(readers)].sort();
}
