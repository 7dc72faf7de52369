import { join } from 'node:path';
import type { CampaignAnalysis } from '../measurement/analyse';
import { openCache } from '../measurement/cache';
import { answers as questionAnswers } from '../answers';
import { browserBundle } from './browser-bundle';
import { reportHtml } from './html';
import { cellsTable, csv, reportJson } from './table-files';
import { writeWhole } from './write-whole';

export type ReportFormat = 'html' | 'csv' | 'json';

/**
 * Writes the report of a measured campaign and returns the paths written: one HTML or JSON file, or a folder of CSV files.
 *
 * @param output File (HTML, JSON) or folder (CSV).
 * @param other A second campaign to hold this one against.
 * @throws {AnalysisError} when the output cannot be written.
 */
export async function writeReport(
  analysis: CampaignAnalysis,
  format: ReportFormat,
  output: string,
  other?: CampaignAnalysis,
): Promise<string[]> {
  const answers = questionAnswers(analysis, other);
  switch (format) {
    case 'html': {
      const script = await browserBundle(openCache(analysis.path, analysis, analysis.cached));
      return [writeWhole(output, reportHtml({ analysis, other, answers, script }))];
    }
    case 'json':
      return [writeWhole(output, reportJson(analysis, answers))];
    case 'csv':
      return [cellsTable(analysis), ...answers.flatMap((answer) => answer.tables)].map((table) =>
        writeWhole(join(output, `${table.id}.csv`), csv(table)),
      );
  }
}
