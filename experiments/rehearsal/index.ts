/** The door of the rehearsal: its pure algorithm, for whoever wants to know what an autoscaler would do. */
export * from './horizontal-pod-autoscaler';
