import type { LooseObject } from '../fixtures/loose';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { readBuiltFolder } from '../../lib/kubernetes/built-folder';
import { readK3sVersion } from '../../facts/ansible/variables';
import { buildTool } from '../../tools/build';
import { pythonEnvironment } from '../fixtures/python-environment';
import { scannerExceptions, type ScannerException } from './scanner-exceptions';

jest.setTimeout(400_000);

const ROOT = join(__dirname, '..', '..');

interface Complaint {
  readonly scanner: ScannerException['scanner'];
  readonly check: string;
  readonly object: string;
}

/** What is applied in production, as one set: the scanners look for Services and policies of each pod. */
const production = ['argocd', 'monitoring', 'platform', 'workloads/production'].flatMap((folder) =>
  readBuiltFolder(join(ROOT, 'dist'), folder),
);

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'scanners-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function complaints(objects: readonly LooseObject[]): Promise<Complaint[]> {
  const file = join(folder, 'set.yaml');
  writeFileSync(file, objects.map((object) => stringify(object)).join('---\n'));
  return [...(await checkov(file)), ...(await kubeScore(file))];
}

function run(program: string, args: readonly string[]): unknown {
  const { stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 27, cwd: folder });
  try {
    return JSON.parse(stdout) as unknown;
  } catch {
    throw new Error(`${program} printed no JSON: ${stderr.slice(-500)}`);
  }
}

async function checkov(file: string): Promise<Complaint[]> {
  const programs = await pythonEnvironment([join(ROOT, 'tools', 'requirements-checkov.txt')]);
  const flags = ['--framework', 'kubernetes', '--output', 'json', '--quiet', '--compact', '--skip-download'];
  const { results, summary } = run(join(programs, 'checkov'), ['--file', file, ...flags]) as {
    results: { failed_checks: { check_id: string; resource: string }[] };
    summary: { passed: number; resource_count: number };
  };
  expect(summary.passed).toBeGreaterThan(500);
  return results.failed_checks.map(({ check_id: check, resource }) => ({
    scanner: 'checkov',
    check,
    object: resource.split('.').at(-1)!,
  }));
}

async function kubeScore(file: string): Promise<Complaint[]> {
  const version = readK3sVersion(join(ROOT, 'ansible/inventory/group_vars/all/versions.yml')).replace(/\.\d+\+.*$/, '');
  const flags = ['--output-format', 'json', '--kubernetes-version', version];
  const scored = run(await buildTool('kube-score'), ['score', ...flags, file]) as {
    object_meta: { name: string };
    checks: { check: { id: string }; grade: number; skipped: boolean }[] | null;
  }[];
  expect(scored.length).toBeGreaterThan(20);
  return scored.flatMap(({ object_meta: { name }, checks }) =>
    (checks ?? [])
      .filter(({ grade, skipped }) => !skipped && grade < 7)
      .map(({ check }) => ({ scanner: 'kube-score' as const, check: check.id, object: name })),
  );
}

const covers = ({ scanner, check, objects }: ScannerException, complaint: Complaint) =>
  scanner === complaint.scanner && check === complaint.check && (objects?.includes(complaint.object) ?? true);

const unexcused = (found: readonly Complaint[]) =>
  found.filter((complaint) => !scannerExceptions.some((exception) => covers(exception, complaint)));

describe('checkov and kube-score', () => {
  test('find nothing in what production applies but what has a written reason, and every reason is needed', async () => {
    const found = await complaints(production);
    expect(unexcused(found)).toEqual([]);
    expect(scannerExceptions.filter((exception) => !found.some((complaint) => covers(exception, complaint)))).toEqual(
      [],
    );
  });

  test('each see a container that may gain privileges and a Deployment without a disruption budget', async () => {
    const broken = structuredClone<readonly LooseObject[]>(production)
      .filter(({ kind, metadata }) => kind !== 'PodDisruptionBudget' || metadata.name !== 'front-end')
      .map((object) => {
        if (object.kind === 'Deployment' && object.metadata.name === 'front-end')
          object['spec'].template.spec.containers[0].securityContext = { privileged: true };
        return object;
      });
    const found = unexcused(await complaints(broken)).filter(({ object }) => object === 'front-end');
    expect(new Set(found.map(({ scanner }) => scanner))).toEqual(new Set(['checkov', 'kube-score']));
    expect(found.map(({ check }) => check)).toEqual(
      expect.arrayContaining([
        'CKV_K8S_16',
        'deployment-has-poddisruptionbudget',
        'container-security-context-privileged',
      ]),
    );
  });
});
