import { FreshClone } from './fresh-clone';
import { commandsTypedBy } from './how-each-is-typed';

/* Commands of the pages that start databases and load this machine, typed as they stand in a fresh clone. */

jest.setTimeout(600_000);

let clone: FreshClone;
beforeAll(() => (clone = new FreshClone()));
afterAll(() => clone?.remove());

const commands = commandsTypedBy('test/docs/typed-commands.experiments.test.ts');

test('the pages have some', () => expect(commands.length).toBeGreaterThan(1));

// Without input the reference API ends as soon as it has answered.
test.each(commands.map(({ page, command }) => [page, command]))('%s: %s', async (_page, command) => {
  const { status, output } = await clone.type(command!);
  // 3, as the page says: on a busy machine a trial stays invalid, and is stored all the same.
  if (status !== 0 && !(status === 3 && / --local /.test(command!)))
    throw new Error(`${command} ended with ${status}:\n${output}`);
  expect(output).toMatch(/response time ms: p50|"url":"https:/);
});
