import { isExpected, learnAnswer, type ReceivedAnswer } from '../../../experiments/workload/answer/expected-answer';

const answer = (body: unknown): ReceivedAnswer => {
  const text = JSON.stringify(body);
  return { mediaType: 'application/json', encoding: '', bytes: text.length, text };
};

describe('an answer to the request that the warm-up sent', () => {
  const pump = (more: object = {}) => ({ id: 1, kind: 'pump', properties: [{ id: 7, value: 0.5 }], ...more });
  const mixer = { id: 2, kind: 'mixer', properties: [{ id: 8, value: 3677.95 }] };
  const learnt = learnAnswer([answer([pump(), mixer]), answer([pump(), mixer])], 'list');
  const judge = (body: unknown) => isExpected(learnt, answer(body));

  it('may come in another order, and with numbers of another rounding', () => {
    expect(judge([mixer, pump()])).toBe(true);
    expect(judge([pump({ properties: [{ id: 7, value: 0.500001 }] }), mixer])).toBe(true);
  });

  it('is wrong when it is of another flowsheet, whose entries have other ids and the same values', () => {
    const other = (body: { properties: { id: number }[] }) => ({
      ...body,
      id: 11,
      properties: body.properties.map((property) => ({ ...property, id: property.id + 50 })),
    });
    expect(judge([other(pump()), other(mixer)])).toBe(false);
    expect(judge([pump(), { ...mixer, properties: [{ id: 58, value: 3677.95 }] }])).toBe(false);
  });

  it('is wrong when a cache on the way sent it', () => {
    expect(isExpected(learnt, { ...answer([pump(), mixer]), fromCache: true })).toBe(false);
    expect(() => learnAnswer([{ ...answer([pump(), mixer]), fromCache: true }], 'list')).toThrow(/from a cache/);
  });

  it('is wrong with another value, anywhere', () => {
    expect(judge([pump({ properties: [{ id: 7, value: 0.501 }] }), mixer])).toBe(false);
    expect(judge([pump({ kind: 'heater' }), mixer])).toBe(false);
    expect(judge([pump(), { ...mixer, properties: [{ id: 8, value: -3677.95 }] }])).toBe(false);
  });
});

describe('a solution', () => {
  const solution = (more: object = {}) => ({
    ...{
      flowsheetId: 7,
      workerId: 1,
      requestId: 'a',
      status: 'optimal',
      work: 3677.95,
      solveTimeMs: 640,
      queue_wait: 0,
      host: 'idaes-a',
      converged: true,
    },
    ...more,
  });
  const learnt = learnAnswer([answer(solution()), answer(solution())], 'object');
  const judge = (more: object) => isExpected(learnt, answer(solution(more)));

  it.each<[string, object]>([
    ['took longer', { solveTimeMs: 990 }],
    ['waited in a queue that was empty before', { queue_wait: 812 }],
    ['is of a pod that did not exist before', { host: 'idaes-b' }],
    ['is of a worker that did not exist before', { workerId: 9, requestId: 'b' }],
    ['has a field that is new', { warning: 'slow' }],
    ['differs by the rounding of another start', { work: 3677.9501 }],
  ])('is right though it %s', (_, more) => expect(judge(more)).toBe(true));

  it.each<[string, object]>([
    ['was not reached', { status: 'infeasible' }],
    ['is another', { work: 3700 }],
    ['is of another flowsheet', { flowsheetId: 8 }],
    ['is no solution', { work: 0 }],
    ['did not converge', { converged: false }],
  ])('is wrong when it %s', (_, more) => expect(judge(more)).toBe(false));

  it('whose values differ in the warm-up already is held to its structure there', () => {
    const loose = learnAnswer([answer(solution()), answer(solution({ work: 3600 }))], 'object');
    expect(isExpected(loose, answer(solution({ work: 1 })))).toBe(true);
    expect(isExpected(loose, answer(solution({ work: 1, status: 'infeasible' })))).toBe(false);
  });
});
