import type { CampaignAnalysis } from '../../measurement/analyse';
import { caveats } from '../../measurement/caveats';
import { metricFamilies } from './cell-figures';

/**
 * The figures of a campaign as one OTLP/JSON metrics request: what an OpenTelemetry collector takes at `/v1/metrics`.
 * (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding)
 */
export function otlpJson(analysis: CampaignAnalysis): string {
  const { campaign, origin, gitCommit, createdAt } = analysis.manifest;
  const at = Date.parse(createdAt);
  // Nanoseconds do not fit into a number.
  const timeUnixNano = String(BigInt(Number.isFinite(at) ? at : 0) * 1_000_000n);
  const caveat = caveats(analysis)
    .map(({ text }) => text)
    .join(' ');
  const request = {
    resourceMetrics: [
      {
        resource: {
          attributes: attributes({
            'service.name': 'ahuora-experiments',
            'ahuora.campaign': campaign,
            'ahuora.origin': origin,
            'vcs.ref.head.revision': gitCommit,
            ...(caveat === '' ? {} : { 'ahuora.caveat': caveat }),
          }),
        },
        scopeMetrics: [
          {
            scope: { name: 'ahuora.report' },
            metrics: metricFamilies(analysis).map(({ name, description, unit, points }) => ({
              name: `ahuora.campaign.${name}`,
              description,
              unit: unit.ucum,
              gauge: {
                dataPoints: points.map(({ labels, value }) => ({
                  timeUnixNano,
                  asDouble: value,
                  attributes: attributes(labels),
                })),
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
