import type { SecretContract } from '../lib/kubernetes/secret-contract';
import { ARGO_CD_NAMESPACE, MONITORING_NAMESPACE } from './namespaces';

/** Credentials of the Grafana Cloud stack that receives the metrics. */
export const grafanaCloud: SecretContract = {
  name: 'grafana-cloud',
  namespace: MONITORING_NAMESPACE,
  keys: [
    { name: 'username', description: 'Instance number of the Prometheus of the Grafana Cloud stack.' },
    { name: 'password', description: 'Access policy token with the scope metrics:write.' },
  ],
  readers: ['monitoring'],
};

/** Credentials of the same stack's Loki, which receives logs and events. */
export const grafanaCloudLogs: SecretContract = {
  name: 'grafana-cloud-logs',
  namespace: MONITORING_NAMESPACE,
  keys: [
    { name: 'username', description: 'Instance number of the Loki of the Grafana Cloud stack.' },
    { name: 'password', description: 'Access policy token with the scope logs:write.' },
  ],
  readers: ['monitoring'],
};

/**
 * How Argo CD reads this private repository: as a GitHub App that may read it and nothing else, apart from the App that
 * writes. Argo CD finds the Secret by its label.
 * Source: https://argo-cd.readthedocs.io/en/stable/operator-manual/declarative-setup/#repositories.
 */
export const platformRepository: SecretContract = {
  name: 'platform-repository',
  namespace: ARGO_CD_NAMESPACE,
  labels: { 'argocd.argoproj.io/secret-type': 'repository' },
  keys: [
    { name: 'url', description: 'Address of the repository, as the Applications name it.' },
    {
      name: 'githubAppID',
      description: 'Number of the GitHub App that reads (contents: read-only), not of the one that writes.',
    },
    { name: 'githubAppInstallationID', description: 'Number of its installation in the organisation.' },
    { name: 'githubAppPrivateKey', description: 'Private key of the App, in PEM.' },
  ],
  readers: ['argo-cd'],
};
