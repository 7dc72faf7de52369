import type { PlatformModel } from '../../../lib/constructs/platform-model';

/** A platform of nothing, for tests that add the one part they are about. */
export const EMPTY_MODEL: PlatformModel = {
  trees: [],
  files: [],
  inventory: { hosts: [] },
  secrets: [],
  connections: [],
  exceptions: [],
  reservations: [],
};
