import { join } from 'node:path';
import { Cloudflared } from './charts/cloudflared';
import { DjangoApi } from './charts/django-api';
import { FrontEnd } from './charts/front-end';
import { Gateway } from './charts/gateway';
import { Idaes } from './charts/idaes';
import { Namespace } from './charts/namespace';
import { Network } from './charts/network';
import { OAuth2Proxy } from './charts/oauth2-proxy';
import { PgBouncer } from './charts/pgbouncer';
import { platform as platformOutput } from './charts/platform';
import { Postgres } from './charts/postgres';
import { PostgresBackup } from './charts/postgres-backup';
import { settings as platformSettings, type Settings } from './charts/settings';
import { renderWorkloads } from './charts/workloads';
import { BASELINE } from './experiments/plan';
import type { Inventory } from './lib/inventory';
import { componentsOf, modelParts } from './lib/model-parts';
import type { PlatformModel, Tree } from './lib/platform-model';
import { readInventory } from './lib/read-inventory';
import { runCommand } from './lib/synthesis';

const INVENTORY = 'ansible/inventory/hosts.yml';

/**
 * The whole platform: which charts go to which output.
 *
 * @throws Error with one sentence when a setting or the inventory is wrong.
 */
export function model(
  settings: Settings = platformSettings,
  inventory: Inventory = readInventory(join(__dirname, INVENTORY), INVENTORY),
): PlatformModel {
  const platform = platformOutput(inventory, settings);
  new Namespace(platform);
  new Postgres(platform);
  new PostgresBackup(platform);
  new PgBouncer(platform);
  new DjangoApi(platform);
  new Idaes(platform);
  new FrontEnd(platform);
  new OAuth2Proxy(platform);
  new Gateway(platform);
  new Cloudflared(platform);

  const production = renderWorkloads(platform, { name: 'production', settings: BASELINE });
  new Network(platform, { ...platform, app: production });

  const trees: Tree[] = [
    { directory: 'platform', app: platform.app },
    { directory: 'workloads/production', app: production, alongside: ['platform'] },
  ];
  return {
    trees,
    files: [],
    inventory,
    ...modelParts(componentsOf(platform.app, production)),
  };
}

if (require.main === module) void runCommand(model);
