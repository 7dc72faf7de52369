import { Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import { stringify } from 'yaml';
import { HelmChart } from '../imports/helm.cattle.io';
import { ARGO_CD_NAMESPACE } from '../facts/namespaces';
import { argoCdValues } from './argo-cd-values';
import { versions } from '../facts/chart-versions';

/**
 * Argo CD itself, installed and upgraded by the Helm controller of K3s: one object that Ansible seeds at installation
 * time and the root Application keeps current from then on.
 *
 * The chart's archive is read from the K3s server's own static files (https://docs.k3s.io/helm): nodes reach no chart
 * repository.
 */
export class ArgoCd extends Chart {
  constructor(scope: Construct, name: string, props: { readonly uplinkNode: string }) {
    super(scope, name, { disableResourceNameHashes: true });
    new HelmChart(this, 'chart', {
      metadata: { name: 'argo-cd', namespace: 'kube-system' },
      spec: {
        chart: `https://%{KUBERNETES_API}%/static/charts/argo-cd-${versions.argoCdChart}.tgz`,
        targetNamespace: ARGO_CD_NAMESPACE,
        createNamespace: true,
        valuesContent: stringify(argoCdValues(props.uplinkNode), { lineWidth: 0 }),
      },
    });
  }
}
