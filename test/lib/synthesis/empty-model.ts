import type { PlatformModel } from '../../../lib/constructs/platform-model';

/** A platform of nothing, for tests that add the one part they are about. */
export const EMPTY_MODEL: PlatformModel = {
  trees: [],
  files: [],
  inventory: {
    hosts: [],
    reserve: { server: { cpuMillicores: 0, memoryMiB: 0 }, agent: { cpuMillicores: 0, memoryMiB: 0 } },
  },
  secrets: [],
  connections: [],
  exceptions: [],
  reservations: [],
};
