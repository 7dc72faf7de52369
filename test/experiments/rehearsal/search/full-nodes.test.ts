import { expandTrials } from '../../../../experiments/plan';
import { trialInput } from '../../../../experiments/rehearsal/campaign/trial-plan';
import { summariseTrial } from '../../../../experiments/rehearsal/campaign/trial-summary';
import { baselineCandidate, settingsOf } from '../../../../experiments/rehearsal/search/candidates';
import { onFullNodes } from '../../../../experiments/rehearsal/search/full-nodes';
import { simulateTrial, type TrialSetup } from '../../../../experiments/rehearsal/trial/trial-simulation';

const [trial] = expandTrials(undefined, 1, { variants: ['uor-replicas-4'], profiles: ['spike'], repetitions: 1 });

function inputWith(cpuMillicores: number): TrialSetup {
  const settings = settingsOf({ ...baselineCandidate('uor'), cpuMillicores }, 'uor');
  const input = trialInput(trial, 1, undefined, { rate: 0.7, duration: 0.5 });
  return { ...input, settings: { ...settings, 'django-api': { ...settings['django-api'], replicas: 4 } } };
}

const p50 = (input: TrialSetup) => summariseTrial(trial, simulateTrial(input)).p50!;

test('on full nodes a pod has the CPU that it requests, and its limit where that is lower', () => {
  const limits = (input: TrialSetup) => onFullNodes(input).model.processes['django-api'].limitMillicores;
  expect(limits(inputWith(250))).toBe(250);
  expect(limits(inputWith(4000))).toBe(2000);
});

test('a request that was small because cores were idle is slow on full nodes, and an ample one is not', () => {
  expect(p50(inputWith(250))).toBeCloseTo(p50(inputWith(1000)), 0);
  expect(p50(onFullNodes(inputWith(250)))).toBeGreaterThan(1.5 * p50(inputWith(250)));
  expect(p50(onFullNodes(inputWith(1000)))).toBeCloseTo(p50(inputWith(1000)), 0);
});
