/** What to do about a gate that failed, where its verdict does not say so itself. */
export const REMEDIES: Readonly<Record<string, string>> = {
  'generator-cpu':
    'Free the generator host from other work, or lower the load (--rate-scale), and run the trial again.',
  'generator-memory': 'Free memory of the generator host and run the trial again.',
  'achieved-rate': 'Free the generator host from other work, so that requests start when they are due.',
  'pods-stable': 'Look at why pods went (kubectl describe pod, kubectl logs --previous) and run the trial again.',
  'signals-present':
    'Look at what serves the metric (metrics-server; Prometheus and its adapter, docs/how-to/scale-on-another-signal.md) and run the trial again.',
  'autoscalers-same':
    'Look at who changed the autoscaler (kubectl get events, Argo CD, a second runner) and run the trial again.',
  'clock-offset': 'Look at the time service of that node (ntpq -p on the ingress node) and run the trial again.',
  'clock-offset-after': 'Look at the time service of that node (ntpq -p on the ingress node) and run the trial again.',
  'metrics-complete': 'Look at whether monitoring delivers (AHUORA_METRICS_LAG_SECONDS gives it more time).',
  'variant-live-start': 'Look at who else changes the workloads (Argo CD, a second runner).',
  'variant-live-end': 'Look at who changed the workloads during the load (Argo CD, a second runner).',
  'rollout-settled': 'Look at the pods that do not become ready (kubectl describe pod).',
  'warm-up': 'Look at the API’s log: it must answer before load is sent.',
  'answer-learnt': 'Look at what answers at the address (curl it with the same session) and at the flowsheet steps.',
};
