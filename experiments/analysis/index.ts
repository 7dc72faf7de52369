/** The door of the analysis: from a campaign on disk to its report. */
export { analyseCampaign, type AnalysisOptions, type CampaignAnalysis } from './measurement/analyse';
export { reportCommand } from './command';
export { AnalysisError } from './measurement/finding';
export { writeReport, type ReportFormat } from './report/write-report';
