import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { analyseCampaign, type CampaignAnalysis } from './measurement/analyse';
import { AnalysisError, type TrialFinding } from './measurement/finding';
import { crossed, parseThreshold, unchecked, type Threshold } from './answers/threshold';
import { EXPORTS, writeExport, type Export } from './report/exports';
import { writeReport, type ReportFormat } from './report/write-report';
import { DEFAULT_SETTINGS, type AnalysisSettings } from './measurement/settings';
import { counted } from '../../lib/primitives/counted';
import { positiveNumber } from '../../lib/console/number-options';

export { historyCommand } from './history-command';

interface Options {
  readonly output?: string;
  readonly format: ReportFormat;
  readonly export?: Export;
  readonly failIf?: readonly string[];
  readonly against?: string;
  readonly confidence: number;
  readonly halfLife: number;
  readonly window: number;
  readonly objectiveUor: number;
  readonly objectiveFs: number;
  readonly cache: boolean;
}

/** `experiment report <campaign>`: measures a campaign and writes its report. */
export function reportCommand(): Command {
  return new Command('report')
    .description('Answer the questions of a campaign in one report.')
    .argument('<campaign>', 'folder of the campaign')
    .option(
      '-o, --output <path>',
      'file of the report (html, json) or folder of the tables (csv); in the campaign by default',
    )
    .addOption(new Option('-f, --format <format>', 'what to write').choices(['html', 'csv', 'json']).default('html'))
    .addOption(
      new Option('--export <form>', 'hand the figures on to other tools, in place of a report')
        .choices(EXPORTS)
        .conflicts(['against', 'format']),
    )
    .option(
      '--fail-if <threshold>',
      'exit with 2 where a cell crosses it, such as "p95 > 200 ms at spike"; may be given several times',
      (text: string, before: readonly string[] = []) => [...before, text],
    )
    .option('--against <campaign>', 'a second campaign to hold this one against')
    .option('--confidence <share>', 'confidence of intervals, between 0.5 and 1', share, DEFAULT_SETTINGS.confidence)
    .option(
      '--half-life <seconds>',
      'half-life of the moving average',
      positiveNumber,
      DEFAULT_SETTINGS.halfLifeSeconds,
    )
    .option('--window <seconds>', 'window of moving percentiles, whole seconds', whole, DEFAULT_SETTINGS.windowSeconds)
    .option(
      '--objective-uor <ms>',
      'a retrieval slower than this counts as degraded',
      positiveNumber,
      DEFAULT_SETTINGS.objectiveMs.uor,
    )
    .option(
      '--objective-fs <ms>',
      'a solve slower than this counts as degraded',
      positiveNumber,
      DEFAULT_SETTINGS.objectiveMs.fs,
    )
    .option('--no-cache', 'neither read nor store results of unchanged trials')
    .action(report);
}

async function report(campaign: string, options: Options): Promise<void> {
  try {
    const settings: AnalysisSettings = {
      ...DEFAULT_SETTINGS,
      confidence: options.confidence,
      halfLifeSeconds: options.halfLife,
      windowSeconds: options.window,
      objectiveMs: { uor: options.objectiveUor, fs: options.objectiveFs },
    };
    const thresholds = (options.failIf ?? []).map(parseThreshold);
    const analysis = await measured(campaign, settings, options.cache);
    if (options.export !== undefined) {
      const files = await writeExport(analysis, options.export, options.output);
      console.log(files.length === 1 ? files[0] : `${files.length} files, the first: ${files[0]}`);
      failWhereCrossed(analysis, thresholds);
      return;
    }
    const other = options.against === undefined ? undefined : await measured(options.against, settings, options.cache);
    const fallback = options.format === 'csv' ? 'tables' : `report.${options.format}`;
    const paths = await writeReport(analysis, options.format, options.output ?? join(campaign, fallback), other);
    const problems = analysis.findings.filter((finding) => finding.excluded).length;
    for (const finding of mostUnexpectedFirst(analysis.findings).slice(0, 5)) console.error(finding.sentence);
    if (analysis.findings.length > 5)
      console.error(`… and ${counted(analysis.findings.length - 5, 'more finding')}, all in the report.`);
    console.log(
      `${paths.length === 1 ? paths[0] : `${paths.length} tables in ${options.output ?? join(campaign, fallback)}`}: ` +
        `${counted(analysis.cells.length, 'cell')}, ${counted(analysis.computed, 'trial')} computed, ${analysis.measuredTrials - analysis.computed} unchanged` +
        `${problems === 0 ? '' : `, ${counted(problems, 'problem that leaves', 'problems that leave')} something out`}.`,
    );
    failWhereCrossed(analysis, thresholds);
  } catch (error) {
    if (!(error instanceof AnalysisError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}

/** Exit codes of a campaign that was measured well and crosses a threshold, and of one that was not checked as a whole. */
const CROSSED = 2;
const UNCHECKED = 1;

function failWhereCrossed(analysis: CampaignAnalysis, thresholds: readonly Threshold[]): void {
  const found = thresholds.flatMap((threshold) => crossed(analysis, threshold));
  const missing = thresholds.flatMap((threshold) => unchecked(analysis, threshold));
  for (const sentence of [...found, ...missing]) console.error(sentence);
  if (found.length > 0) process.exitCode = CROSSED;
  else if (missing.length > 0) process.exitCode = UNCHECKED;
}

/** Damage before what a campaign expects now and then: many failed gates must not crowd out one unreadable file. */
function mostUnexpectedFirst(findings: readonly TrialFinding[]): TrialFinding[] {
  const expected = (finding: TrialFinding) =>
    ['invalid-trial', 'missing-trial', 'unfinished-trial'].includes(finding.kind);
  return [...findings.filter((one) => !expected(one)), ...findings.filter(expected)];
}

async function measured(campaign: string, settings: AnalysisSettings, cache: boolean): Promise<CampaignAnalysis> {
  const terminal = process.stderr.isTTY;
  let reported = Date.now();
  const analysis = await analyseCampaign(campaign, {
    settings,
    cache,
    onProgress: (done, total, cell) => {
      if (terminal) process.stderr.write(`\r\u001b[K${done} of ${total} cells: ${cell}`);
      else if (Date.now() - reported > 5000 && done < total) {
        reported = Date.now();
        console.error(`${done} of ${total} cells measured`);
      }
    },
  });
  if (terminal) process.stderr.write('\r\u001b[K');
  return analysis;
}

function share(text: string): number {
  const value = Number(text);
  if (!(value >= 0.5 && value < 1)) throw new InvalidArgumentError('Give a number from 0.5 to below 1, such as 0.95.');
  return value;
}

function whole(text: string): number {
  const value = Number(text);
  if (!(Number.isInteger(value) && value >= 1 && value <= 600))
    throw new InvalidArgumentError('Give a whole number from 1 to 600.');
  return value;
}
