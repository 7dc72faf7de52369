import { join } from 'node:path';
import type { CampaignAnalysis } from '../../measurement/analyse';
import { answers } from '../../answers';
import { caveats } from '../../measurement/caveats';
import type { Plot } from '../../answers/model';
import { AnalysisError } from '../../measurement/finding';
import { writeWhole } from '../write-whole';
import { dataPackage } from './data-package';
import { figureFiles } from './figure-files';
import { hdrFiles } from './hdr';
import { latexTable } from './latex';
import { otlpJson } from './otlp';
import { pdfOfFigure } from './pdf';
import { prometheusText } from './prometheus';

/** Forms that a campaign's figures can be handed on in. */
export const EXPORTS = ['prometheus', 'otlp', 'hdr', 'latex', 'svg', 'pdf', 'datapackage'] as const;
export type Export = (typeof EXPORTS)[number];

/**
 * Writes a campaign's figures for other tools and returns the paths written.
 *
 * @param output File (prometheus, otlp) or folder (hdr, latex, svg, pdf); in the campaign by default, and always for a data package.
 * @throws {AnalysisError} when the output cannot be written.
 */
export async function writeExport(analysis: CampaignAnalysis, format: Export, output?: string): Promise<string[]> {
  const at = (name: string) => output ?? join(analysis.path, name);
  const inFolder = (name: string, files: ReadonlyMap<string, string | Buffer>) =>
    [...files].map(([file, content]) => writeWhole(join(at(name), file), content));
  switch (format) {
    case 'prometheus':
      return [writeWhole(at('report.prom'), prometheusText(analysis))];
    case 'otlp':
      return [writeWhole(at('report.otlp.json'), otlpJson(analysis))];
    case 'datapackage':
      if (output !== undefined)
        throw new AnalysisError(
          'A data package names files by their place beside it, so it is written into the campaign: leave --output out.',
        );
      return [writeWhole(at('datapackage.json'), await dataPackage(analysis))];
    case 'hdr':
      return inFolder('hdr', await hdrFiles(analysis));
    case 'latex':
      return inFolder(
        'latex',
        new Map(
          answers(analysis)
            .flatMap(({ tables }) => tables)
            .filter(({ rows }) => rows.length > 0)
            .map((table) => [`${table.id}.tex`, latexTable(table, caveats(analysis))]),
        ),
      );
    case 'svg':
      return inFolder('figures', await figureFiles(plotsOf(analysis), caveats(analysis)));
    case 'pdf':
      return inFolder('figures', await pdfFiles(analysis));
  }
}

function plotsOf(analysis: CampaignAnalysis): Plot[] {
  return answers(analysis).flatMap(({ plots }) => plots);
}

async function pdfFiles(analysis: CampaignAnalysis): Promise<Map<string, Buffer>> {
  const plots = plotsOf(analysis);
  const made = new Date(analysis.manifest.createdAt);
  const files = new Map<string, Buffer>();
  for (const [name, svg] of await figureFiles(plots, caveats(analysis))) {
    const id = name.replace(/\.svg$/, '');
    const title = plots.find((plot) => plot.id === id)?.title ?? id;
    files.set(`${id}.pdf`, await pdfOfFigure(svg, title, made));
  }
  return files;
}
