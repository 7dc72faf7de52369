import type { CampaignAnalysis } from '../../measurement/analyse';
import { groupBy } from '../../../../lib/primitives/group-by';
import { boundsOf, cellFigures, labelsOf, metricName } from './cell-figures';

/**
 * The figures of a campaign as one OTLP/JSON metrics request: what an OpenTelemetry collector takes at `/v1/metrics`.
 * (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding)
 */
export function otlpJson(analysis: CampaignAnalysis): string {
  const { manifest } = analysis;
  const at = Date.parse(manifest.createdAt);
  const timeUnixNano = `${Number.isFinite(at) ? at : 0}000000`;
  const families = groupBy(cellFigures(analysis), ({ measure }) => metricName(measure));
  const request = {
    resourceMetrics: [
      {
        resource: {
          attributes: attributes({
            'service.name': 'ahuora-experiments',
            'ahuora.campaign': manifest.campaign,
            'ahuora.origin': manifest.origin,
            'vcs.ref.head.revision': manifest.gitCommit,
          }),
        },
        scopeMetrics: [
          {
            scope: { name: 'ahuora.report' },
            metrics: [...families].map(([name, figures]) => ({
              name,
              description: figures[0].measure.title,
              unit: figures[0].measure.unit,
              gauge: {
                dataPoints: figures.flatMap(({ cell, interval }) =>
                  boundsOf(interval).map(([bound, asDouble]) => ({
                    timeUnixNano,
                    asDouble,
                    attributes: attributes({ ...labelsOf(cell), bound }),
                  })),
                ),
              },
            })),
          },
        ],
      },
    ],
  };
  return `${JSON.stringify(request, null, 2)}\n`;
}

function attributes(values: Readonly<Record<string, string>>) {
  return Object.entries(values).map(([key, stringValue]) => ({ key, value: { stringValue } }));
}
