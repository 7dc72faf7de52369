import { expandTrials } from '../../../../experiments/plan';
import { trialInput } from '../../../../experiments/rehearsal/campaign/trial-plan';
import { parseWhatIf, WHAT_IF_SETTINGS } from '../../../../experiments/rehearsal/campaign/what-if';
import { parseObjective } from '../../../../experiments/rehearsal/search/objective';

const [trial] = expandTrials();

test.each([
  ['pod-start=2s', (input: ReturnType<typeof trialInput>) => input.model.pods.startSeconds, 2],
  ['tolerance=5%', (input: ReturnType<typeof trialInput>) => input.model.controller.tolerance, 0.05],
  ['nodes=12', (input: ReturnType<typeof trialInput>) => input.model.nodes.length, 12],
  ['delay=20ms', (input: ReturnType<typeof trialInput>) => input.model.network.addedDelayMs, 20],
  ['cpu-limit=1500m', (input: ReturnType<typeof trialInput>) => input.model.processes.idaes.limitMillicores, 1500],
  ['threads=32', (input: ReturnType<typeof trialInput>) => input.model.processes['django-api'].threads, 32],
  ['solver-parallelism=2', (input: ReturnType<typeof trialInput>) => input.model.processes.idaes.coresPerProcess, 2],
  ['gateway-throttle=0s', (input: ReturnType<typeof trialInput>) => input.model.pods.gatewayThrottleSeconds, 0],
  ['endpoint-propagation=2.5s', (input: ReturnType<typeof trialInput>) => input.model.pods.endpointSeconds, 2.5],
  ['trial-spread=7%', (input: ReturnType<typeof trialInput>) => input.model.betweenTrials, 0.07],
  ['load=10x', (input: ReturnType<typeof trialInput>) => input.model.generator.maxVirtualUsers, 1500],
])('--what-if %s changes what it names', (pair, read, expected) => {
  expect(read(trialInput(trial, 1, parseWhatIf([pair])))).toBeCloseTo(expected, 9);
});

test('ten times the load asks for ten times the rate', () => {
  const peak = (load: string[]) => trialInput(trial, 1, parseWhatIf(load)).profile.stages[0].target;
  expect(peak(['load=10x'])).toBeCloseTo(10 * peak([]), 9);
});

test.each(Object.entries(WHAT_IF_SETTINGS))('what-if %s takes a value in its unit', (name, setting) => {
  const { unit } = setting;
  const choice = setting.unit === 'choice' ? setting.choices[1] : '';
  const value = {
    choice,
    seconds: '3s',
    milliseconds: '3ms',
    ratio: '3%',
    factor: '3x',
    count: '3',
    millicores: '300m',
  }[unit];
  expect(() => trialInput(trial, 1, parseWhatIf([`${name}=${value}`]))).not.toThrow();
});

test.each([
  'speed=2x',
  'arrivals=sometimes',
  'solver-connections=2',
  'threads=0',
  'nodes',
  'nodes=1.5',
  'load=0x',
  'tolerance=five',
  'delay=3s=4s',
  'constructor=1',
])('--what-if %s is refused in one sentence that says what to write', (pair) => {
  expect(() => parseWhatIf([pair])).toThrow(/^--what-if .*write /);
});

test('objectives are read, and nonsense is refused', () => {
  expect(parseObjective('p95 < 200 ms at spike')).toEqual({ measure: 'p95', limitMs: 200, profile: 'spike' });
  expect(parseObjective('p50<1.5 s at average')).toEqual({ measure: 'p50', limitMs: 1500, profile: 'average' });
  for (const text of ['p95 under 200', 'p95 < 200 ms at noon', 'p90 < 1 s at spike', 'p95 < 0 ms at spike']) {
    expect(() => parseObjective(text)).toThrow('is not understood');
  }
});
