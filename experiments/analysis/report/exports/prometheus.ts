import type { CampaignAnalysis } from '../../measurement/analyse';
import { caveats } from '../../measurement/caveats';
import { metricFamilies } from './cell-figures';

/**
 * The figures of a campaign in Prometheus' text format, for the textfile collector or a push gateway. What keeps them from
 * being results of the plan stands above them, as a comment.
 * (https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format)
 */
export function prometheusText(analysis: CampaignAnalysis): string {
  const { campaign, origin, gitCommit } = analysis.manifest;
  const lines = metricFamilies(analysis).flatMap(({ name, description, unit, points }) => {
    const full = `ahuora_campaign_${name}${unit.suffix}`;
    return [
      `# HELP ${full} ${helpText(description)}`,
      `# TYPE ${full} gauge`,
      ...points.map(({ labels, value }) => {
        const all = Object.entries({ campaign, origin, commit: gitCommit, ...labels });
        return `${full}{${all.map(([key, text]) => `${key}="${labelText(text)}"`).join(',')}} ${value}`;
      }),
    ];
  });
  return `${[...caveats(analysis).map(({ text }) => `# ${onOneLine(text)}`), ...lines].join('\n')}\n`;
}

function labelText(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function helpText(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

function onOneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}
