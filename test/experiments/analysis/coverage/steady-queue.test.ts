import { responsePercentile, steadyQueue, type Queue } from './steady-queue';

const sixServers = (arrivalRate: number): Queue => ({ servers: 6, serviceRate: 10, arrivalRate });

describe('The closed form of M/M/c', () => {
  it.each([0.5, 0.95, 0.99])('has percentile %d where waiting is as fast as service, as on either side of it', (p) => {
    const [below, at, above] = [49.999, 50, 50.001].map((rate) => responsePercentile(sixServers(rate), p));
    expect(at).toBeGreaterThan(below);
    expect(at).toBeLessThan(above);
    expect(above - below).toBeLessThan(0.001);
  });

  it('is that of a queue which is played', () => {
    const { responseSeconds } = steadyQueue(sixServers(50), 200_000, 7);
    const median = responseSeconds.toSorted()[100_000];
    expect(Math.abs(median / responsePercentile(sixServers(50), 0.5) - 1)).toBeLessThan(0.03);
  });
});
