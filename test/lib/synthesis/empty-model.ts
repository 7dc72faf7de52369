import type { PlatformModel } from '../../../lib/constructs/platform-model';
import type { ReviewedFacts } from '../../../lib/kubernetes/reviewed-facts';

/** Nobody has agreed to anything. */
export const NOTHING_REVIEWED: ReviewedFacts = {
  file: 'facts/permissions.ts',
  repository: { url: 'https://git.example.com/shop.git', branch: 'main' },
  projects: {},
  chartRepositories: [],
  administrators: [],
  podSecurity: {},
  networks: { pods: '10.42.0.0/16', services: '10.43.0.0/16' },
  clusterVersion: 'v1.34.4+k3s1',
};

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
  reviewed: NOTHING_REVIEWED,
};
