import { UPDATES } from '../fixtures/updates';
import { applyObjects } from './apply';
import { startControlPlane, type ControlPlane } from './control-plane';

jest.setTimeout(240_000);

let cluster: ControlPlane;

beforeAll(async () => {
  cluster = await startControlPlane();
  await cluster.kubectl(['create', 'namespace', 'updates']);
});

afterAll(() => cluster?.stop());

// What `npm run synth -- --diff` foretells is held against the same table in the unit tests.
test('the API server refuses exactly the updates that are foretold as refused', async () => {
  const created = await applyObjects(cluster, UPDATES.map(({ was }) => was)); // prettier-ignore
  expect(created).toMatchObject({ status: 0 });
  const answers = [];
  for (const { name, is } of UPDATES) {
    const { status } = await applyObjects(cluster, [is], ['--dry-run=server']);
    answers.push({ name, isRefused: status !== 0 });
  }
  expect(answers).toEqual(UPDATES.map(({ name, isRefused }) => ({ name, isRefused })));
});
