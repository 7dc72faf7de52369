import { djangoApi } from '../../charts/django-api';
import { traefik } from '../../charts/external';
import { frontEnd } from '../../charts/front-end';
import { signedInOnly } from '../../charts/gateway';
import { pgbouncer } from '../../charts/pgbouncer';
import { AhuoraComponent, type Platform } from '../../charts/platform';
import { postgres } from '../../charts/postgres';
import { waitForPostgres } from '../../charts/wait-for-postgres';
import { images } from '../../facts/images';
import { secrets } from '../../facts/secrets';
import { checkPlatform } from '../../lib/checks';
import { ConfigFiles } from '../../lib/constructs/config-files';
import { PublicIngress } from '../../lib/constructs/gateway/public-ingress';
import { serviceEndpoint } from '../../lib/constructs/network/endpoint';
import { execute, tcpConnect, usualProbes } from '../../lib/constructs/pod/probe';
import { scratch } from '../../lib/constructs/pod/volume';
import { ScheduledJob } from '../../lib/constructs/workload/job';
import { ScalableDeployment } from '../../lib/constructs/workload/scalable-deployment';
import { OneAtATime, PodService } from '../../lib/constructs/workload/service';
import { WebService } from '../../lib/constructs/workload/web-service';
import { WorkerService } from '../../lib/constructs/workload/worker-service';
import { renderFiles } from '../../lib/synthesis/render';
import { COMPONENTS, model } from '../../main';

/** Of an image that no rule knows anything of. */
const unknownImage = (name: string) => `${name}@sha256:${'5'.repeat(64)}`;
const resources = { cpu: { request: '50m', limit: '500m' }, memory: { request: '64Mi', limit: '128Mi' } } as const;

/** Dashboards whose image reads its folder of settings by itself, behind the sign-in. */
class Dashboards extends AhuoraComponent {
  constructor(platform: Platform) {
    super(platform, 'dashboards');
    const config = new ConfigFiles(this, 'dashboards-config', { 'settings.ini': '[server]\nroot_url = /\n' });
    const { endpoint } = new WebService(this, {
      image: unknownImage('docker.io/example/dashboards:12.1'),
      port: 3000,
      probes: '/api/health',
      mounts: [{ kind: 'config', config, path: '/etc/dashboards' }, scratch('/var/lib/dashboards', '64Mi')],
      resources,
    });
    new PublicIngress(this, 'dashboards', {
      routes: [{ host: `dashboards${platform.settings.cookieDomain}`, to: endpoint }],
      middlewares: [signedInOnly(platform)],
      controller: traefik,
    });
  }
}

const cache = serviceEndpoint('cache', 6379);

/** A cache in memory, that speaks no HTTP. */
class Cache extends AhuoraComponent {
  constructor(platform: Platform) {
    super(platform, 'cache');
    new WebService(this, {
      image: unknownImage('docker.io/library/redis:7.4'),
      command: ['redis-server'],
      args: ['--maxmemory', '64mb', '--save', ''],
      port: cache.port,
      probes: usualProbes(tcpConnect(cache.port)),
      mounts: [scratch('/data', '16Mi')],
      resources,
    });
  }
}

/** A queue's worker that is called by nobody. */
class Worker extends AhuoraComponent {
  constructor(platform: Platform) {
    super(platform, 'worker');
    new WorkerService(this, {
      image: unknownImage('docker.io/example/worker:1.2.3'),
      args: ['--concurrency', '2', '--loglevel=info'],
      probes: usualProbes(execute('worker', 'ping')),
      environment: {
        BROKER_URL: `redis://${cache.host}:${cache.port}/0`,
        PGHOST: pgbouncer.host,
        PGPORT: String(pgbouncer.port),
        PGUSER: secrets.database.key('username'),
        PGPASSWORD: secrets.database.key('password'),
        MAX_RETRIES: '3',
      },
      mounts: [scratch('/tmp', '64Mi')],
      resources,
      connects: [cache, pgbouncer],
    });
  }
}

/** A job by the clock that reads the database. */
class WeeklyFigures extends AhuoraComponent {
  constructor(platform: Platform) {
    super(platform, 'weekly-figures', 'upkeep');
    new ScheduledJob(this, {
      schedule: '0 5 * * 1',
      timeZone: 'Pacific/Auckland',
      deadlineSeconds: 1800,
      initContainers: [waitForPostgres],
      containers: [
        {
          name: 'figures',
          image: images.postgres,
          command: ['psql', '--no-psqlrc', '--command=SELECT count(*) FROM pg_tables'],
          environment: {
            PGHOST: postgres.host,
            PGPORT: String(postgres.port),
            PGDATABASE: platform.settings.postgres.database,
            PGUSER: secrets.databaseBackup.key('username'),
            PGPASSWORD: secrets.databaseBackup.key('password'),
          },
          resources,
        },
      ],
    });
    this.connects([postgres]);
  }
}

/** A service in a language of its own that calls another of the platform. */
class Reports extends AhuoraComponent {
  constructor(platform: Platform) {
    super(platform, 'reports');
    new WebService(this, {
      image: unknownImage('ghcr.io/example/reports:v0.3.0'),
      port: 8080,
      probes: '/healthz',
      replicas: 2,
      environment: {
        PORT: '8080',
        NODE_ENV: 'production',
        PAGES_URL: `http://${frontEnd.host}:${frontEnd.port}`,
        TEMPLATE_FOLDER: '/templates',
      },
      mounts: [
        { kind: 'config', config: new ConfigFiles(this, 'reports-templates', { 'a.html': '<p>' }), path: '/templates' },
        scratch('/app/cache', '32Mi'),
      ],
      resources,
      connects: [frontEnd],
    });
  }
}

/** A task whose script is its own, with variables of its own and some that it sets itself. */
class Export extends AhuoraComponent {
  constructor(platform: Platform) {
    super(platform, 'export', 'upkeep');
    const lines = [
      '#!/bin/bash',
      'set -euo pipefail',
      'STAMP="$(date +%F)"',
      'for TABLE in $TABLES; do',
      '  psql --no-psqlrc --command "COPY $TABLE TO STDOUT" > "/var/lib/export/$TABLE-$STAMP${SUFFIX:-}.csv"',
      'done',
      "awk '{ print $NF }' /proc/loadavg",
    ];
    const scripts = new ConfigFiles(this, 'export-scripts', { 'export.sh': lines.join('\n') });
    new ScheduledJob(this, {
      schedule: '0 4 * * 0',
      timeZone: 'Pacific/Auckland',
      deadlineSeconds: 1800,
      initContainers: [waitForPostgres],
      volumeGroup: 999,
      containers: [
        {
          name: 'export',
          image: images.postgres,
          command: ['bash', '/opt/export/export.sh'],
          environment: {
            TABLES: 'flowsheets users',
            HOME: '/var/lib/export',
            PGHOST: postgres.host,
            PGPORT: String(postgres.port),
            PGDATABASE: platform.settings.postgres.database,
            PGUSER: secrets.databaseBackup.key('username'),
            PGPASSWORD: secrets.databaseBackup.key('password'),
            PGAPPNAME: 'export',
          },
          mounts: [{ kind: 'config', config: scripts, path: '/opt/export' }, scratch('/var/lib/export', '64Mi')],
          resources,
        },
      ],
    });
    this.connects([postgres]);
  }
}

/** A program with two roles of one database, and switches that are off. */
class Sync extends AhuoraComponent {
  constructor(platform: Platform) {
    super(platform, 'sync');
    new WorkerService(this, {
      image: unknownImage('ghcr.io/example/sync:2.0.1'),
      command: ['/bin/sh', '-c', 'exec sync --from "$SOURCE_URL"'],
      probes: usualProbes(execute('sync', 'status')),
      environment: {
        SOURCE_URL: `http://${frontEnd.host}:${frontEnd.port}`,
        DEBUG: 'false',
        APP_ENV: 'staging',
        PGSQL_VERSION: '16',
        DB_USER: secrets.database.key('username'),
        DB_PASSWORD: secrets.database.key('password'),
        OWNER_USER: secrets.databaseOwner.key('username'),
        OWNER_PASSWORD: secrets.databaseOwner.key('password'),
        TMPDIR: '/scratch/tmp',
        PGHOST: pgbouncer.host,
        PGPORT: String(pgbouncer.port),
      },
      mounts: [scratch('/scratch', '64Mi'), scratch('/run', '1Mi')],
      resources,
      connects: [frontEnd, pgbouncer],
    });
  }
}

/** Pages of another build in a server whose settings are a newcomer's own. */
class Handbook extends AhuoraComponent {
  constructor(platform: Platform) {
    super(platform, 'handbook');
    const lines = [
      'server {',
      '  listen 8080;',
      '  server_tokens off;',
      '  root /usr/share/nginx/html;',
      '  gzip on;',
      '  location / { try_files $uri $uri/ /index.html; }',
      '  location = /healthz { return 200 "ok"; access_log off; }',
      '  location /assets/ { expires 7d; add_header Cache-Control "public"; }',
      '}',
    ];
    const config = new ConfigFiles(this, 'handbook-config', { 'handbook.conf': lines.join('\n') });
    const { endpoint } = new WebService(this, {
      image: unknownImage('ghcr.io/example/handbook:2026.11'),
      port: 8080,
      probes: '/healthz',
      runAs: { user: 101, group: 101 },
      mounts: [
        { kind: 'config', config, path: '/etc/nginx/conf.d' },
        scratch('/var/cache/nginx', '32Mi'),
        scratch('/run', '1Mi'),
        scratch('/tmp', '16Mi'),
      ],
      resources,
    });
    new PublicIngress(this, 'handbook', {
      routes: [{ host: `handbook${platform.settings.cookieDomain}`, to: endpoint }],
      middlewares: [signedInOnly(platform)],
      controller: traefik,
    });
  }
}

/** A script of Python that asks a service of the platform every quarter of an hour. */
class Watch extends AhuoraComponent {
  constructor(platform: Platform) {
    super(platform, 'watch', 'upkeep');
    const lines = [
      'import json, os, sys, urllib.request',
      'url = os.environ["PAGES_URL"] + "/healthz"',
      'with urllib.request.urlopen(url, timeout=10) as answer:',
      '    print(json.dumps({"status": answer.status}))',
      'sys.exit(0)',
    ];
    const config = new ConfigFiles(this, 'watch-scripts', { 'watch.py': lines.join('\n') });
    new ScheduledJob(this, {
      schedule: '*/15 * * * *',
      timeZone: 'Pacific/Auckland',
      deadlineSeconds: 120,
      retries: 0,
      initContainers: [
        {
          name: 'wait',
          image: unknownImage('docker.io/library/busybox:1.37'),
          command: [
            '/bin/sh',
            '-c',
            `until wget -q -O /dev/null http://${frontEnd.host}:${frontEnd.port}/healthz; do sleep 2; done`,
          ],
          resources,
        },
      ],
      containers: [
        {
          name: 'watch',
          image: unknownImage('docker.io/library/python:3.13-slim'),
          command: ['python3', '-u', '/opt/watch/watch.py'],
          environment: { PAGES_URL: `http://${frontEnd.host}:${frontEnd.port}`, PYTHONDONTWRITEBYTECODE: '1' },
          mounts: [{ kind: 'config', config, path: '/opt/watch' }],
          resources,
        },
      ],
    });
    this.connects([frontEnd]);
  }
}

/** A solver's companion that scales by its CPU. */
class Converter extends AhuoraComponent {
  constructor(platform: Platform) {
    super(platform, 'converter');
    new PodService(this, { port: 9000 });
    new OneAtATime(this);
    new ScalableDeployment(this, {
      replicas: {
        minReplicas: 1,
        maxReplicas: 3,
        targetCpuPercent: 70,
        scaleDownStabilisationSeconds: 300,
        scaleUp: [{ type: 'Pods', value: 1, periodSeconds: 60 }],
      },
      labels: { app: 'converter' },
      terminationGracePeriodSeconds: 60,
      containers: [
        {
          name: 'converter',
          image: unknownImage('ghcr.io/example/converter:4.1.0'),
          ports: [{ name: 'http', port: 9000 }],
          args: ['--listen=:9000', '--cache-dir=/cache'],
          environment: {
            GOMEMLIMIT: '200MiB',
            LOG_LEVEL: 'debug',
            PAGES_URL: `http://${frontEnd.host}:${frontEnd.port}`,
          },
          mounts: [scratch('/cache', '1Gi')],
          resources: { cpu: { request: '200m', limit: '1' }, memory: { request: '128Mi', limit: '256Mi' } },
          preStopSleepSeconds: 5,
          probes: usualProbes(tcpConnect(9000)),
        },
      ],
    });
    this.connects([frontEnd]);
  }
}

/** A worker that asks the API every half minute. */
class Relay extends AhuoraComponent {
  constructor(platform: Platform) {
    super(platform, 'relay');
    new WorkerService(this, {
      image: unknownImage('quay.io/example/relay:0.9.0'),
      probes: usualProbes(execute('/bin/relay', 'healthcheck')),
      environment: {
        API_URL: `http://${djangoApi.host}:${djangoApi.port}`,
        RELAY_INTERVAL_SECONDS: '30',
        RELAY_TIMEOUT: '5s',
        TZ: 'Pacific/Auckland',
      },
      resources,
      connects: [djangoApi],
    });
  }
}

test.each([
  ['a task with a script', [Export]],
  ['two roles and switches', [Sync]],
  ['dashboards', [Dashboards]],
  ['a cache and its worker', [Cache, Worker]],
  ['a job by the clock', [WeeklyFigures]],
  ['a service that calls another', [Reports]],
  ['a server of pages', [Handbook]],
  ['a script that asks a service', [Watch]],
  ['a deployment that scales', [Converter]],
  ['a worker that asks the API', [Relay]],
])('what a newcomer may well write breaks no rule: %s', (_, components) => {
  const extended = model(undefined, undefined, [...COMPONENTS, ...components]);
  expect(checkPlatform(extended, renderFiles(extended))).toEqual([]);
});
