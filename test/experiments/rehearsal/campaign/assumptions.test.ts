import { assumptionsBehind, assumptionsOf } from '../../../../experiments/rehearsal/campaign/assumptions';
import { rehearse } from '../../../../experiments/rehearsal/campaign/rehearse';
import { parseWhatIf } from '../../../../experiments/rehearsal/campaign/what-if';
import { calibrated } from '../../../../experiments/rehearsal/calibration/calibrated-model';
import { clusterModel } from '../../../../experiments/rehearsal/model/default-model';

test('a finding names the settings it hangs on with the values that were played', async () => {
  const filter = { variants: ['fs-minimum-1'], profiles: ['spike' as const], repetitions: 1 };
  const play = (...whatIf: string[]) =>
    rehearse({
      seed: 1,
      threads: 0,
      filter,
      departure: parseWhatIf(whatIf),
      scale: { rate: 0.5, duration: 0.25 },
    });
  const { findings } = await play('threads=4');
  expect(findings.length).toBeGreaterThan(0);
  for (const { assumed } of findings) {
    expect(assumed).toContain('the solver of a process uses one core');
    expect(assumed).toContain('a pod of django-api holds 4 requests at a time');
  }
});

test('what was measured or set is no assumption', () => {
  const model = clusterModel();
  expect(assumptionsBehind('indistinguishable', 'uor', model)).toContain('whole trials differ by 2 %');
  const fit = {
    serviceMs: [20, 30],
    shares: { djangoBefore: 0.4, postgres: 0.2, idaes: 0, djangoAfter: 0.4 },
    requests: 200,
  };
  const network = { roundTripMs: 5, connectingMs: 5, tlsMs: 8 };
  const calibration = { calibration: 1, campaign: 'one', site: 'cluster', cores: 4, network } as const;
  const measured = calibrated(model, { ...calibration, requests: { uor: fit, fs: fit }, betweenTrials: 0.04 });
  expect(measured.betweenTrials).toBe(0.04);
  expect(assumptionsOf(measured).join()).not.toMatch(/service times|whole trials/);
  // Of one test type alone nothing is learnt about the other, nor about the spread of trials that were not repeated.
  const half = calibrated(model, { ...calibration, requests: { uor: fit } });
  expect(assumptionsOf(half).join()).toMatch(/fs service times.*whole trials/);
});
