import type { ApplicationSpecSyncPolicy } from '../imports/argoproj.io';

/**
 * How every Application is synced; `allowEmpty: false` keeps a folder that renders to nothing from pruning everything.
 * Source: https://argo-cd.readthedocs.io/en/stable/user-guide/auto_sync/ and …/user-guide/sync-options/.
 */
export const syncPolicy: ApplicationSpecSyncPolicy = {
  automated: { enabled: true, prune: true, selfHeal: true, allowEmpty: false },
  // Five tries over about five minutes: 10, 20, 40, 80 and 160 s. Each takes the newest commit, which may be the one that mends it.
  retry: { limit: 5, refresh: true, backoff: { duration: '10s', factor: 2, maxDuration: '3m' } },
  syncOptions: [
    'ServerSideApply=true',
    'PruneLast=true',
    'PrunePropagationPolicy=foreground',
    'ApplyOutOfSyncOnly=true',
    'FailOnSharedResource=true',
  ],
};
