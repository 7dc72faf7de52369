import type { CampaignAnalysis } from '../measurement/analyse';
import { cellEstimate } from '../answers/estimates';
import { MEASURES, type Measure } from '../answers/measures';
import type { Answer, Sentence, Table, Value } from '../answers/model';
import { estimate } from '../answers/numbers';

/** One table as comma-separated values: a figure with an interval becomes four columns. */
export function csv(table: Table): string {
  const wide = new Set(
    table.columns.filter(({ key }) => table.rows.some((row) => hasInterval(row[key]))).map(({ key }) => key),
  );
  const head = table.columns.flatMap(({ key, unit }) => {
    const name = unit === undefined || unit === '' ? key : `${key} [${unit}]`;
    return wide.has(key) ? [name, `${key} low`, `${key} high`, `${key} n`] : [name];
  });
  const rows = table.rows.map((row) =>
    table.columns.flatMap(({ key }) => {
      const value = row[key];
      const shown =
        typeof value === 'object' ? (value.value === undefined ? value.text : (value.value ?? '')) : (value ?? '');
      if (!wide.has(key)) return [shown];
      const interval = typeof value === 'object' ? value : undefined;
      return [shown, interval?.low ?? '', interval?.high ?? '', interval?.n ?? ''];
    }),
  );
  return [head, ...rows].map((cells) => cells.map((cell) => quoted(String(cell))).join(',')).join('\n') + '\n';
}

/** Everything for machines: answers, tables, findings. */
export function reportJson(analysis: CampaignAnalysis, answers: readonly Answer[]): string {
  const report = {
    campaign: analysis.manifest,
    settings: analysis.settings,
    findings: analysis.findings,
    answers: answers.map(({ id, title, question, unanswerable, sentences, notes = [], tables }) => ({
      id,
      title,
      question,
      unanswerable,
      sentences: sentences.map(spelled),
      notes: notes.map(spelled),
      tables,
    })),
    cells: cellsTable(analysis),
  };
  return `${JSON.stringify(report, (_, value: unknown) => (typeof value === 'number' && !Number.isFinite(value) ? null : value), 2)}\n`;
}

function spelled(sentence: Sentence): string {
  return sentence.map((part) => (typeof part === 'string' ? part : part.text)).join('');
}

/** Every cell with every measure. */
export function cellsTable(analysis: CampaignAnalysis): Table {
  const measures: Measure[] = Object.values(MEASURES);
  return {
    id: 'cells',
    title: 'Every cell',
    columns: [
      ...['experiment', 'testType', 'variant', 'profile', 'trials', 'saturated'].map((key) => ({ key, title: key })),
      ...measures.map(({ key, title, unit, query }) => ({ key, title, unit, query })),
    ],
    rows: analysis.cells.map((cell) => ({
      experiment: cell.experiment,
      testType: cell.testType,
      variant: cell.variant,
      profile: cell.profile,
      trials: count(cell.trials.length),
      saturated: count(cell.trials.filter(({ measures: { saturated } }) => saturated).length),
      ...Object.fromEntries(
        measures.map((measure) => [measure.key, estimate(cellEstimate(cell, measure, analysis.settings), cell.id)]),
      ),
    })),
  };
}

function count(value: number): Value {
  return { text: String(value), value };
}

function hasInterval(value: Value | string | undefined): boolean {
  return typeof value === 'object' && value.low !== undefined;
}

function quoted(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
