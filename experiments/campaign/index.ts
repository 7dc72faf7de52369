/** The door of the data contract: what a campaign leaves on disk, and how it is written and read. */
export * from './campaign-plan';
export * from './folder';
export * from './git-revision';
export * from './gate-limits';
export * from './journal';
export * from './tables/digests';
export * from './tables/parquet-reader';
export * from './tables/parquet-writer';
export * from './sample-error';
export type { CampaignManifest, CampaignSettings, GateResult, TrialRecord } from './record-schema';
export * from './schema';
export * from './tables/tables';
export { countFailures } from './verdict/failures';
export * from './verdict/gates';
export { isPossibleMetric } from './verdict/possible-metric';
export type { Outcomes } from './verdict/outcomes';
export { Strain } from './verdict/strain';
