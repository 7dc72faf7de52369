/** Namespace of Argo CD itself; Applications and AppProjects live there. */
export const ARGO_CD_NAMESPACE = 'argocd';

/** Namespace of the chart that collects metrics and logs. */
export const MONITORING_NAMESPACE = 'monitoring';

/** Namespace of what autoscalers need that look at another signal than CPU. */
export const SIGNALS_NAMESPACE = 'signals';

/** Where the generators of a load run that come as pods of the cluster, and the label of their pods: the gateway lets these in. */
export const LOAD_GENERATORS = { namespace: 'load-generators', pods: { app: 'load-generator' } } as const;
