import { parse } from 'yaml';
import { HorizontalPodAutoscaler } from '../../../../experiments/rehearsal';
import { baselineCandidate, drawCandidates, neighbours } from '../../../../experiments/rehearsal/search/candidates';
import { policyManifest } from '../../../../experiments/rehearsal/search/policy-manifest';
import { unbeaten, type Rated } from '../../../../experiments/rehearsal/search/policy-search';

const rated = (latencyMs: number, coreSeconds: number, failed = 0): Rated => ({
  candidate: baselineCandidate('uor'),
  latencyMs,
  coreSeconds,
  failed,
});

test('the front holds what no other beats in both, cheapest first, and nothing that fails requests', () => {
  const [cheap, fast, beaten, failing] = [rated(90, 10), rated(50, 30), rated(95, 20), rated(1, 1, 0.2)];
  expect(unbeaten([beaten, fast, failing, cheap])).toEqual([cheap, fast]);
});

test('draws are different policies, the same ones for the same seed, and begin with production', () => {
  const drawn = drawCandidates(30, 'fs', 4);
  expect(drawn[0]).toEqual(baselineCandidate('fs'));
  expect(new Set(drawn.map((candidate) => JSON.stringify(candidate))).size).toBe(30);
  expect(drawCandidates(30, 'fs', 4)).toEqual(drawn);
});

test('a neighbour differs from its origin in one value', () => {
  const origin = baselineCandidate('uor');
  for (const { cpuMillicores, autoscaling } of neighbours(origin)) {
    const fields = Object.entries(autoscaling).filter(
      ([field, value]) =>
        JSON.stringify(value) !== JSON.stringify(origin.autoscaling[field as keyof typeof autoscaling]),
    );
    expect(fields.length + Number(cpuMillicores !== origin.cpuMillicores)).toBe(1);
  }
});

test('the manifest to paste is one that the autoscaler’s algorithm takes', () => {
  const [django, idaes] = policyManifest(baselineCandidate('fs'), 'fs')
    .split('---\n')
    .map((document) => parse(document));
  expect([django.metadata.name, idaes.metadata.name]).toEqual(['django-api', 'idaes']);
  expect(new HorizontalPodAutoscaler(django.spec).specification).toMatchObject({ minReplicas: 1, maxReplicas: 8 });
});
