import {
  answerabilityFindings,
  EXPERIMENTS,
  loadProfile,
  longestFall,
  OVERHEAD_SECONDS,
  type Experiment,
} from '../../../experiments/plan';

describe('What a plan cannot answer', () => {
  const windows = EXPERIMENTS.find(({ name, testType }) => name === 'stabilisation-window' && testType === 'uor')!;
  const under = (...profiles: Experiment['profiles']) => answerabilityFindings([{ ...windows, profiles }]);

  it('is a scale-down window under a load that never falls', () => {
    const [finding] = under('breakpoint');
    expect(finding).toMatchObject({ experiment: 'stabilisation-window uor', profile: 'breakpoint', trials: 15 });
    expect(finding.variants).toHaveLength(5);
    expect(finding.hours).toBeCloseTo((15 * (600 + OVERHEAD_SECONDS)) / 3600, 6);
    expect(finding.message).toContain('never falls');
  });

  it('is a window that outlasts the only fall', () => {
    expect(under('spike')[0].variants).toEqual(['uor-stabilisation-120s', 'uor-stabilisation-300s']);
  });

  it('is nothing under waves, nor in a table that varies something else', () => {
    expect(under('waves')).toEqual([]);
    const others = EXPERIMENTS.filter(({ name }) => name !== 'stabilisation-window');
    expect(answerabilityFindings(others)).toEqual([]);
  });

  it('reads falls off the stages', () => {
    expect(longestFall(loadProfile('average', 'uor').stages)).toBe(30);
    expect(longestFall(loadProfile('waves', 'fs').stages)).toBe(15 + 180);
    expect(longestFall([{ target: 5, seconds: 9 }])).toBe(0);
  });
});
