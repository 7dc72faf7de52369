import { join } from 'node:path';
import type { Inventory } from '../lib/kubernetes/inventory';
import { readInventory } from './inventory';

const SHOWN_AS = 'ansible/inventory/hosts.yml';

let read: Inventory | undefined;

/**
 * The machines of this repository's own inventory, read when they are first asked for.
 *
 * @throws Error with one sentence naming file and field.
 */
export function committedInventory(): Inventory {
  return (read ??= readInventory(join(__dirname, '..', SHOWN_AS), SHOWN_AS));
}
