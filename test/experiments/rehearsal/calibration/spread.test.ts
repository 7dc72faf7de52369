import { spreadOf } from '../../../../experiments/rehearsal/calibration/calibrate';
import type { MeasuredTrial } from '../../../../experiments/rehearsal/calibration/measured-trial';

/** A trial of which every request took so long and found the server idle. */
function trial(profile: string, milliseconds: number, requests = 100): MeasuredTrial {
  const sent = Array.from({ length: requests }, (_, index) => index);
  return {
    record: { experiment: 'replicas', testType: 'uor', variant: 'one', profile, gates: [] },
    sent,
    answered: sent.map((time) => time + milliseconds / 1000),
    connectingMs: sent.map(() => 0),
    tlsMs: sent.map(() => 0),
    responseMs: sent.map(() => milliseconds),
    requests,
  } as unknown as MeasuredTrial;
}

test('how far trials differ is measured within each cell, not between cells', () => {
  // Two cells of two trials, each a tenth of a natural logarithm apart: a standard deviation of 0.1 / √2.
  const cells = [
    trial('average', 20),
    trial('average', 20 * Math.exp(0.1)),
    trial('stress', 80),
    trial('stress', 80 * Math.exp(0.1)),
  ];
  expect(spreadOf(cells).betweenTrials).toBeCloseTo(0.1 / Math.SQRT2, 3);
});

test('of trials that were not repeated, or say too little, no spread is made up', () => {
  expect(spreadOf([trial('average', 20), trial('stress', 30)])).toEqual({});
  expect(spreadOf([trial('average', 20, 10), trial('average', 40, 10)])).toEqual({});
});
