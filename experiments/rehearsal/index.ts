/** The door of the rehearsal: its pure algorithm, for whoever wants to know what an autoscaler would do. */
export * from '../../lib/kubernetes/horizontal-pod-autoscaler';
