import {
  BASELINE,
  clusterVariants,
  EXPERIMENTS,
  expandTrials,
  feasibilityWarnings,
  loadProfile,
  SPECIFIED_PROFILES,
  PEAK_RATES,
  scheduledSeconds,
  type Autoscaling,
  type Experiment,
} from '../../../experiments/plan';
import type { Inventory } from '../../../lib/kubernetes/inventory';
import { nodesOfCluster } from '../../../lib/kubernetes/node-capacity';
import { committedInventory } from '../../../facts/inventory';

const trials = expandTrials(EXPERIMENTS, 7);

function table(name: string, testType: string): Experiment {
  return EXPERIMENTS.find((one) => one.name === name && one.testType === testType)!;
}

describe('the plan', () => {
  it.each([
    // experiment, test type, variants, profiles, trials of three repetitions
    ['replica-count', 'uor', 4, 4, 48],
    ['replica-count', 'fs', 7, 4, 84],
    ['resources', 'uor', 12, 2, 72],
    ['resources', 'fs', 12, 2, 72],
    ['minimum-replicas', 'uor', 3, 2, 18],
    ['minimum-replicas', 'fs', 3, 2, 18],
    ['scale-up-limit', 'uor', 5, 2, 30],
    ['scale-up-limit', 'fs', 5, 2, 30],
    ['stabilisation-window', 'uor', 5, 3, 45],
    ['stabilisation-window', 'fs', 5, 3, 45],
    ['benchmark', 'uor', 2, 4, 24],
    ['benchmark', 'fs', 2, 4, 24],
  ])('has %s %s with %i variants under %i profiles, %i trials', (name, testType, variants, profiles, count) => {
    const experiment = table(name, testType);
    expect(experiment.variants).toHaveLength(variants);
    expect(experiment.profiles).toHaveLength(profiles);
    expect(expandTrials([experiment])).toHaveLength(count);
  });

  it('has 480 trials of the specification and 30 of ours, with ids of their own, alike in every campaign', () => {
    const ids = trials.map(({ id }) => id);
    expect(new Set(ids).size).toBe(510);
    const ours = EXPERIMENTS.flatMap(({ name, testType, added }) =>
      (added?.profiles ?? []).map((profile) => `${name} ${testType} ${profile}`),
    );
    expect(ours).toEqual(['stabilisation-window uor waves', 'stabilisation-window fs waves']);
    expect(trials.filter(({ profile }) => SPECIFIED_PROFILES.includes(profile))).toHaveLength(480);
    expect([...ids].sort()).toEqual(
      expandTrials(EXPERIMENTS, 8)
        .map(({ id }) => id)
        .sort(),
    );
    expect(ids).toContain('resources.fs.fs-cpu-2000m-target-75.breakpoint.3');
  });

  it.each([
    ['average', 600, 15, 1],
    ['stress', 600, 30, 2],
    ['spike', 240, 80, 8],
    ['breakpoint', 600, 200, 32],
    ['waves', 755, 50, 4],
  ] as const)('runs %s for %i s with peaks of %i and %i requests per second', (profile, seconds, uor, fs) => {
    expect(scheduledSeconds(loadProfile(profile, 'uor'))).toBe(seconds);
    expect(PEAK_RATES[profile]).toEqual({ uor, fs });
  });

  it("has exactly the values of the specification's tables", () => {
    const replicas = (name: string, testType: string) =>
      table(name, testType).variants.map(({ settings }) => [settings['django-api'].replicas, settings.idaes.replicas]);
    expect(replicas('replica-count', 'fs')).toEqual([
      [1, 1],
      [2, 2],
      [4, 4],
      [8, 8],
      [1, 8],
      [2, 8],
      [4, 8],
    ]);
    expect(replicas('replica-count', 'uor').map(([django]) => django)).toEqual([1, 2, 4, 8]);
    const resources = table('resources', 'fs').variants.map(({ settings }) => {
      const { cpuMillicores, replicas: scaling } = settings.idaes;
      return [cpuMillicores, (scaling as Autoscaling).targetCpuPercent];
    });
    expect(resources).toEqual([500, 1000, 2000].flatMap((cpu) => [25, 50, 75, 90].map((target) => [cpu, target])));
    const windows = table('stabilisation-window', 'uor').variants.map(
      ({ settings }) => (settings['django-api'].replicas as Autoscaling).scaleDownStabilisationSeconds,
    );
    expect(windows).toEqual([15, 30, 60, 120, 300]);
  });

  it('keeps the scale-down stabilisation at 30 s in every autoscaled variant but those that study it', () => {
    for (const experiment of EXPERIMENTS.filter(({ name }) => name !== 'stabilisation-window'))
      for (const { settings } of experiment.variants)
        for (const { replicas } of Object.values(settings))
          if (typeof replicas !== 'number') expect(replicas.scaleDownStabilisationSeconds).toBe(30);
  });

  it('gives its reason where the specification leaves the values open', () => {
    expect(EXPERIMENTS.filter(({ reason }) => reason !== undefined).map(({ name }) => name)).toEqual([
      'scale-up-limit',
      'scale-up-limit',
      'stabilisation-window',
      'stabilisation-window',
    ]);
  });
});

describe('rows of one name', () => {
  const [row, other] = table('resources', 'uor').variants as [Experiment['variants'][0], Experiment['variants'][0]];
  const withRows = (...variants: Experiment['variants'][0][]): Experiment => ({ ...table('resources', 'uor'), variants });

  it('are refused in one experiment, whether they are alike or not', () => {
    const sentence = `experiments/plan: resources uor: two rows are called ${row.name}; give each row values of its own.`;
    for (const twin of [row, { ...other, name: row.name }]) {
      expect(() => expandTrials([withRows(row, twin)])).toThrow(sentence);
      expect(() => clusterVariants([withRows(row, twin)])).toThrow(sentence);
    }
  });

  it('are one variant in two experiments, unless they differ', () => {
    const elsewhere = { ...withRows(row), testType: 'fs' } as Experiment;
    expect(clusterVariants([withRows(row), elsewhere])).toEqual([row]);
    const changed = { ...elsewhere, variants: [{ ...other, name: row.name }] } as Experiment;
    expect(() => clusterVariants([withRows(row), changed])).toThrow(/is another variant in resources uor; give it another name/);
  });
}); // prettier-ignore

describe('the order of trials', () => {
  it('consists of blocks that hold every variant once under one profile and repetition', () => {
    const experiment = table('replica-count', 'fs');
    const ordered = expandTrials([experiment], 3);
    for (let block = 0; block < ordered.length; block += 7) {
      const inBlock = ordered.slice(block, block + 7);
      expect(new Set(inBlock.map(({ variant }) => variant.name)).size).toBe(7);
      expect(new Set(inBlock.map(({ profile, repetition }) => `${profile} ${repetition}`)).size).toBe(1);
    }
  });

  it('follows from the seed alone', () => {
    const ids = (seed: number) => expandTrials(EXPERIMENTS, seed).map(({ id }) => id);
    expect(ids(7)).toEqual(ids(7));
    expect(ids(7)).not.toEqual(ids(8));
  });

  it('can be narrowed to an experiment, a profile, a variant and a number of repetitions', () => {
    const few = expandTrials(EXPERIMENTS, 1, {
      experiments: ['replica-count'],
      profiles: ['spike'],
      variants: ['uor-replicas-4'],
      repetitions: 1,
    });
    expect(few.map(({ id }) => id)).toEqual(['replica-count.uor.uor-replicas-4.spike.1']);
  });
});

describe('the feasibility lint', () => {
  const findings = feasibilityWarnings(EXPERIMENTS);
  const of = (kind: string) => findings.filter((finding) => finding.kind === kind);

  /** The seven nodes of the specification, however many the committed inventory has by now. */
  const specified = { ...committedInventory(), hosts: committedInventory().hosts.slice(0, 8) };

  it('shows with its arithmetic that 8 + 8 pods at 2000m ask 32 of 28 cores', () => {
    const finding = feasibilityWarnings(EXPERIMENTS, nodesOfCluster(specified)).find(
      ({ kind, variant }) => kind === 'unschedulable' && variant === 'fs-cpu-2000m-target-25',
    )!;
    expect(finding.message).toContain('8 × 2000m (django-api) + 8 × 2000m (idaes) = 32 of 28 cores');
  });

  it('names every target that a pod of one core at most can never reach', () => {
    const variants = of('unreachable-target').map(({ variant }) => variant.replace(/^(uor|fs)-/, ''));
    const expected = ['cpu-1000m-target-90', 'cpu-2000m-target-50', 'cpu-2000m-target-75', 'cpu-2000m-target-90'];
    expect([...new Set(variants)].sort()).toEqual(expected);
    expect(variants).toHaveLength(8);
    expect(of('unreachable-target')[1]!.message).toContain('47.5 % of 2000m');
  });

  it('names the variants that render as another does', () => {
    expect(of('alike').map(({ variant }) => variant)).toContain('uor-minimum-1');
    expect(of('alike').every(({ message }) => message.includes('0 fields differ'))).toBe(true);
  });

  it('counts with the nodes of the inventory: with one more worker more pods find room', () => {
    const inventory = specified;
    const short = (hosts: Inventory['hosts']) =>
      feasibilityWarnings(EXPERIMENTS, nodesOfCluster({ ...inventory, hosts }))
        .filter(({ kind }) => kind === 'unschedulable')
        .map(({ variant }) => variant);
    const worker = { ...inventory.hosts.at(-1)!, name: 'another', address: '192.168.100.199' };
    // A node has room for one pod of two cores: eight fit eight nodes, and sixteen still do not.
    const [seven, eight] = [short(inventory.hosts), short([...inventory.hosts, worker])];
    expect(seven).toContain('uor-cpu-2000m-target-25');
    expect(eight).not.toContain('uor-cpu-2000m-target-25');
    expect(eight).toContain('fs-cpu-2000m-target-25');
  });

  it('finds nothing in a plan of one modest variant', () => {
    const settings = { ...BASELINE, 'django-api': { ...BASELINE['django-api'], cpuMillicores: 500 } };
    const modest = { ...table('benchmark', 'uor'), variants: [{ ...clusterVariants(EXPERIMENTS)[0]!, settings }] };
    expect(feasibilityWarnings([modest])).toEqual([]);
  });
});
