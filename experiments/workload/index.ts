/** The door of the workload: what a load is, and the generators that send one. */
export * from './load';
export { EmbeddedGenerator } from './embedded/generator';
export { threadSource } from './thread-source';
