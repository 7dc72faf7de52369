import type { CampaignAnalysis } from '../../measurement/analyse';
import { groupBy } from '../../../../lib/primitives/group-by';
import { boundsOf, cellFigures, labelsOf, metricName } from './cell-figures';

/**
 * The figures of a campaign in Prometheus' text format, for the textfile collector or a push gateway. Each has the label
 * `bound`: estimate, low or high.
 * (https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format)
 */
export function prometheusText(analysis: CampaignAnalysis): string {
  const { campaign, origin, gitCommit } = analysis.manifest;
  const families = groupBy(cellFigures(analysis), ({ measure }) => metricName(measure));
  const lines = [...families].flatMap(([name, figures]) => [
    `# HELP ${name} ${helpText(`${figures[0].measure.title} of a cell over its trials`)}`,
    `# TYPE ${name} gauge`,
    ...figures.flatMap(({ cell, interval }) =>
      boundsOf(interval).map(([bound, value]) => {
        const labels = { campaign, origin, commit: gitCommit, ...labelsOf(cell), bound };
        const text = Object.entries(labels).map(([key, one]) => `${key}="${labelText(one)}"`);
        return `${name}{${text.join(',')}} ${value}`;
      }),
    ),
  ]);
  return `${lines.join('\n')}\n`;
}

function labelText(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function helpText(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}
