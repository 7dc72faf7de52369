import { App } from 'cdk8s';
import type { Inventory } from '../lib/kubernetes/inventory';
import { Component } from '../lib/constructs/component';
import { settings as ahuoraSettings, validateSettings, type Settings } from '../facts/settings';

/** What every component of Ahuora is built from: the output it belongs to, the settings, and the machines that exist. */
export interface Platform {
  /** The charts are made in it. */
  readonly app: App;
  /** Facts of this platform (`facts/settings.ts`). */
  readonly settings: Settings;
  /** The hosts, as Ansible knows them. */
  readonly inventory: Inventory;
}

/**
 * A new, empty output.
 *
 * @throws Error when the settings do not fit the inventory or each other.
 */
export function platform(inventory: Inventory, settings: Settings = ahuoraSettings): Platform {
  validateSettings(settings, inventory);
  return { app: new App(), settings, inventory };
}

/** The same platform with an output of its own. */
export function separateOutput(source: Platform): Platform {
  return { ...source, app: new App() };
}

/** Order of installation; Argo CD waits until one wave is healthy before it applies the next. */
export const waves = {
  beforeAll: -1,
  foundation: 0,
  database: 1,
  pooler: 2,
  application: 3,
  gateway: 4,
  upkeep: 4,
} as const;

/** A component of Ahuora: a file of `dist/` named after it. */
export class AhuoraComponent extends Component {
  constructor({ app, settings }: Platform, name: string, wave: keyof typeof waves = 'application') {
    super(app, name, { namespace: settings.namespace, partOf: 'ahuora', syncWave: waves[wave] });
  }
}
