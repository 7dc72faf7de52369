import { sameSystem } from '../../../experiments/runner/attempt/gates/answer-gates';
import type { LoadResult, ServerPeer } from '../../../experiments/workload';

const LOAD_SECONDS = 100;
const verdict = (...peers: ServerPeer[]) => sameSystem({ peers } as unknown as LoadResult, LOAD_SECONDS);
const certificate = (name: string, first_s: number): ServerPeer => ({ kind: 'certificate', name, first_s, last_s: 99 });

describe('one system answers from the beginning to the end', () => {
  it('where several do side by side from the start', () => {
    expect(verdict(certificate('a', 0.5), certificate('b', 3)).passed).toBe(true);
  });

  it('is wrong where another comes later', () => {
    expect(verdict(certificate('a', 0.5), certificate('b', 40))).toMatchObject({ passed: false, value: 1 });
  });

  it('counts from the first answer, which at a low rate comes long after the start of the load', () => {
    expect(verdict(certificate('a', 20), certificate('b', 60))).toMatchObject({ passed: false, value: 1 });
    expect(verdict(certificate('a', 20), certificate('b', 25)).passed).toBe(true);
  });

  it('of addresses and certificates each by themselves', () => {
    expect(verdict({ kind: 'address', name: '127.0.0.1', first_s: 0.5, last_s: 99 }, certificate('a', 30)).passed).toBe(
      true,
    );
  });
});
