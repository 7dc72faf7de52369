import { Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import { stringify } from 'yaml';
import { HelmChart, HelmChartSpecFailurePolicy } from '../imports/helm.cattle.io';
import { ARGO_CD_NAMESPACE } from '../facts/namespaces';
import { argoCdValues } from './argo-cd-values';
import { versions } from '../facts/chart-versions';

export interface ArgoCdProps {
  /** Node that reaches the internet. */
  readonly uplinkNode: string;
  /** Public name servers, asked from that node. */
  readonly outsideNameServers: readonly string[];
}

/**
 * Argo CD itself: one object for the Helm controller of K3s, which Ansible seeds and the root Application keeps current. The
 * chart's archive is read from the K3s server's own static files (https://docs.k3s.io/helm): nodes reach no chart repository.
 */
export class ArgoCd extends Chart {
  constructor(scope: Construct, name: string, props: ArgoCdProps) {
    super(scope, name, { disableResourceNameHashes: true });
    new HelmChart(this, 'chart', {
      metadata: { name: 'argo-cd', namespace: 'kube-system' },
      spec: {
        chart: `https://%{KUBERNETES_API}%/static/charts/argo-cd-${versions.argoCdChart}.tgz`,
        targetNamespace: ARGO_CD_NAMESPACE,
        createNamespace: true,
        // Argo CD's image comes over a mobile line, onto an SD card, before the chart's first hook can end.
        timeout: '20m',
        // Otherwise an upgrade that fails is answered by uninstalling Argo CD.
        failurePolicy: HelmChartSpecFailurePolicy.ABORT,
        valuesContent: stringify(argoCdValues(props.uplinkNode, props.outsideNameServers), { lineWidth: 0 }),
      },
    });
  }
}
