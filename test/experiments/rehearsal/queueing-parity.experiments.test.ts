import { meanInterval, queueingModel, responseTimes, erlangC } from './queueing-model';

/**
 * The whole simulation, set up as a textbook queue: the closed form must lie in the interval of the means over seeds. At 99.9
 * % a correct simulation passes; seeds are fixed, so it always does.
 */
const SEEDS = 12;
const REQUESTS = 4000;

/** Mean response times over seeds, in seconds. */
function means(model: ReturnType<typeof queueingModel>, arrivalRate: number): number[] {
  return Array.from({ length: SEEDS }, (_, seed) => {
    const times = responseTimes(model, arrivalRate, REQUESTS / arrivalRate, seed + 1);
    return times.reduce((sum, time) => sum + time, 0) / times.length;
  });
}

function expectInInterval(observed: number[], expected: number): void {
  const { low, high } = meanInterval(observed);
  expect(expected).toBeGreaterThan(low);
  expect(expected).toBeLessThan(high);
  // An interval so wide that anything fits would prove nothing.
  expect((high - low) / expected).toBeLessThan(0.4);
}

describe('queueing parity', () => {
  const serviceMs = 100;
  const rate = 1000 / serviceMs;

  test.each([0.3, 0.7])('an M/M/1 queue at load %d waits as long as its closed form says', (load) => {
    const model = queueingModel({ servers: 1, service: { kind: 'exponential', mean: serviceMs } });
    expectInInterval(means(model, load * rate), 1 / (rate - load * rate));
  });

  test.each([0.3, 0.7])('an M/D/1 queue at load %d follows Pollaczek and Khinchine', (load) => {
    const model = queueingModel({ servers: 1, service: { kind: 'constant', value: serviceMs } });
    expectInInterval(means(model, load * rate), 1 / rate + load / (2 * rate * (1 - load)));
  });

  test.each([2, 3, 4])('an M/M/%d queue at load 0.7 follows Erlang C', (servers) => {
    const load = 0.7;
    const model = queueingModel({ servers, service: { kind: 'exponential', mean: serviceMs } });
    const arrivalRate = load * servers * rate;
    const waiting = erlangC(servers, load * servers) / (servers * rate - arrivalRate);
    expectInInterval(means(model, arrivalRate), waiting + 1 / rate);
  });

  test('a tandem of gateway and API follows Jackson: each station as if it stood alone', () => {
    const model = queueingModel({
      servers: 1,
      service: { kind: 'exponential', mean: serviceMs },
      gateway: { kind: 'exponential', mean: 80 },
    });
    const arrivalRate = 6;
    expectInInterval(means(model, arrivalRate), 1 / (1000 / 80 - arrivalRate) + 1 / (rate - arrivalRate));
  });

  test('processor sharing among threads of one process gives the mean of M/M/1 whatever the service distribution', () => {
    const model = queueingModel({ servers: 1, threads: 10_000, service: { kind: 'constant', value: serviceMs } });
    expectInInterval(means(model, 6), 1 / (rate - 6));
  });

  test('a fifth more work per request is noticed', () => {
    const model = queueingModel({ servers: 1, service: { kind: 'exponential', mean: serviceMs * 1.2 } });
    const { low } = meanInterval(means(model, 6));
    expect(1 / (rate - 6)).toBeLessThan(low);
  });
});
