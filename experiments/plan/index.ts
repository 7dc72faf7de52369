/**
 * The experiments as data: what the manifests are rendered from, what the generators send, what the runner runs, what the
 * rehearsal plays through and what the report groups by. Nothing here may import anything heavy: every synthesis loads it.
 */
export * from './answerability';
export * from './arrival';
export * from './beyond-cpu';
export * from './experiment';
export * from './feasibility';
export * from './named-plan';
export * from './profile';
export * from './trial';
export * from './variant';
