/**
 * Versions of what Argo CD fetches or is itself: the one place, kept current by Renovate through the comments.
 */
export const versions = {
  // renovate: datasource=helm depName=k8s-monitoring registryUrl=https://grafana.github.io/helm-charts versioning=helm
  kubernetesMonitoringChart: '3.7.5',
  // renovate: datasource=helm depName=argo-cd registryUrl=https://argoproj.github.io/argo-helm versioning=helm
  argoCdChart: '9.3.7',
  // The chart of this line still names 3.2.6; the image is the newest patch of the same minor version.
  // renovate: datasource=docker depName=quay.io/argoproj/argocd versioning=docker
  argoCdImage: 'v3.2.11',
} as const;
