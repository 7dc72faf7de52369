import { join } from 'node:path';
import { parseAllDocuments, parse } from 'yaml';
import { recordingRules } from '../../charts/signals/metric-rules';
import { BASELINE, OWN_EXPERIMENTS, clusterVariants } from '../../experiments/plan';
import { readInventory } from '../../facts/inventory';
import { settings } from '../../facts/settings';
import { checkPlatform } from '../../lib/checks';
import { builtFiles } from '../../lib/kubernetes/kustomization';
import { toOutputs } from '../../lib/synthesis/outputs';
import { renderFiles } from '../../lib/synthesis/render';
import { COMPONENTS, groupVariables, model } from '../../main';

const switched = (enabled: boolean) => model({ ...settings, signals: { ...settings.signals, enabled } });
const outputsOf = (platform: ReturnType<typeof model>) => toOutputs(platform, renderFiles(platform));
const on = switched(true);
const outputsOn = outputsOf(on);

describe('signals beyond CPU, switched off as in production', () => {
  const outputsOff = outputsOf(switched(false));

  it('leave nothing in dist', () => {
    expect(settings.signals.enabled).toBe(false);
    const traces = [...outputsOff].filter(([path, text]) =>
      /signals|external\.metrics|prom\/prometheus|prometheus-adapter/.test(path + text),
    );
    expect(traces.map(([path]) => path)).toEqual([]);
  });

  it('are one setting away from being on: files are added, and of the others only those that watch or show the signals differ', () => {
    const changed = [...outputsOff].filter(([path, text]) => outputsOn.get(path) !== text).map(([path]) => path);
    expect(changed.sort()).toEqual([
      'alerts/rules.yaml',
      'argocd/monitoring.yaml',
      'platform/gateway.yaml',
      'platform/network.yaml',
      'platform/platform-applied.yaml',
      'workloads/base/wait-for-platform.yaml',
    ]);
    const added = [...outputsOn.keys()].filter((path) => !outputsOff.has(path));
    expect(new Set(added.map((path) => path.split('/')[0]))).toEqual(new Set(['argocd', 'signals', 'workloads']));
  });
});

describe('signals beyond CPU, switched on', () => {
  it('pass every check beside the whole platform', () => {
    expect(checkPlatform(on, builtFiles(renderFiles(on)))).toEqual([]);
  });

  it('render the variants that need them, and none that needs a gate of the cluster', () => {
    const rendered = new Set([...outputsOn.keys()].map((path) => path.split('/')[1]));
    for (const { needs, variants } of OWN_EXPERIMENTS) {
      for (const { name } of variants) expect([name, rendered.has(name)]).toEqual([name, needs === 'signals']);
    }
    expect(clusterVariants(OWN_EXPERIMENTS).length).toBeGreaterThan(20);
  });

  it('take little of a node: what the how-to says', () => {
    const requests = ['prometheus', 'prometheus-adapter'].map((name) => {
      const objects = parseAllDocuments(outputsOn.get(`signals/${name}.yaml`)!).map((document) => document.toJS());
      const [container] = objects.find(({ kind }) => kind === 'Deployment').spec.template.spec.containers;
      return [container.resources.requests.cpu, container.resources.limits.memory];
    });
    expect(requests).toEqual([
      ['50m', '256Mi'],
      ['50m', '128Mi'],
    ]);
  });
});

describe('a tolerance of an autoscaler’s own', () => {
  const inventory = readInventory(join(__dirname, '..', '..', 'ansible', 'inventory', 'hosts.yml'));
  const withGate = (autoscalerTolerance: boolean) =>
    model(settings, inventory, COMPONENTS, { ...groupVariables(inventory), autoscalerTolerance });

  it('is rendered where Ansible turns the gate on, passes every check, and changes nothing else', () => {
    const platform = withGate(true);
    const outputs = outputsOf(platform);
    const before = outputsOf(withGate(false));
    expect(outputs.get('workloads/uor-tolerance-5/django-api.yaml')).toContain('tolerance: 50m');
    expect(checkPlatform(platform, builtFiles(renderFiles(platform)))).toEqual([]);
    const changed = [...outputs]
      .filter(([path, text]) => before.get(path) !== text)
      .map(([path]) => path.split('/')[1]);
    expect(changed.length).toBeGreaterThan(7);
    expect(changed.filter((folder) => !/^(uor|fs)-tolerance-/.test(folder!))).toEqual([]);
  });

  it('is refused where the gate is off, since the API server would drop it in silence', () => {
    const replicas = BASELINE['django-api'].replicas as { tolerancePercent?: number };
    replicas.tolerancePercent = 5;
    try {
      expect(() => withGate(false)).toThrow(
        'variant production: django-api: replicas.tolerancePercent needs autoscaler_tolerance: true in ansible/inventory/group_vars/all/main.yml',
      );
      expect(() => withGate(true)).not.toThrow();
    } finally {
      delete replicas.tolerancePercent;
    }
  });
});

describe('the rules of the signals', () => {
  const rulesFor = (peaks: string[]) =>
    parse(recordingRules({ ...settings, signals: { ...settings.signals, peaks } }, [{ replicas: 4, leadSeconds: 60 }]))
      .groups[0].rules as { record: string; expr: string; labels: Record<string, string> }[];

  it('let no figure through that is not a number', () => {
    const signals = rulesFor([]).filter(({ record }) => record !== 'scheduled_replicas');
    expect(signals).toHaveLength(4);
    expect(signals.filter(({ expr }) => !/ >= 0 and on\(\) max\(count_over_time\(.*\)\) >= 4$/.test(expr))).toEqual([]);
  });

  it('have a series for each floor, which is one pod where no peak is known', () => {
    expect(rulesFor([]).at(-1)).toEqual({
      record: 'scheduled_replicas',
      expr: 'vector(1)',
      labels: { replicas: '4', lead_seconds: '60' },
    });
  });

  it.each(['8:30', '24:00', '08:60', 'noon'])('refuse the time of day %s', (peak) => {
    expect(() => model({ ...settings, signals: { ...settings.signals, peaks: [peak] } })).toThrow(
      `signals.peaks[0]: "${peak}" is not a time of day; write it as in 08:30, in UTC`,
    );
  });

  it('refuse a window that holds too few scrapes', () => {
    expect(() => model({ ...settings, signals: { ...settings.signals, windowSeconds: 14 } })).toThrow(
      'signals.windowSeconds: 14 s hold fewer than three scrapes',
    );
  });
});
