import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FlowsheetClient } from '../../../experiments/runner/attempt/flowsheet';
import { FlowsheetApi } from './flowsheet-api';

const ELEVEN_STEPS = [
  'POST flowsheets',
  'POST compounds',
  'POST propertypackages',
  'POST unitops',
  ...Array<string>(7).fill('PATCH properties'),
];

let api: FlowsheetApi;
let url: string;
const client = new FlowsheetClient();

beforeEach(async () => {
  api = new FlowsheetApi();
  url = await api.start();
});

afterEach(() => api.stop());

/** The finished pump: what the specification's eleven steps leave behind, and nothing twice. */
function expectComplete(): void {
  const [flowsheet, compound, pump] = [api.of('flowsheets'), api.of('compounds'), api.of('unitops')].map((parts) => {
    expect(parts).toHaveLength(1);
    return parts[0]!;
  });
  expect(compound).toMatchObject({ name: 'water', flowsheetOwner: flowsheet!.id });
  expect(api.of('propertypackages')).toMatchObject([{ name: 'helmholtz water', compounds: [compound!.id] }]);
  const inlet = api.of('streams').find(({ direction }) => direction === 'inlet')!;
  const values = (owner: string, id: number) =>
    Object.fromEntries(
      api
        .of('properties')
        .filter((property) => property[owner] === id)
        .map(({ name, value }) => [name, value]),
    );
  expect(values('unitop', pump!.id)).toEqual({ efficiency: 0.5, outlet_pressure: 200 });
  expect(values('stream', inlet.id)).toEqual({
    ...{ temperature: 80, pressure: 100, molar_flow: 1000 },
    ...{ vapor_fraction: 0, mole_fraction_water: 1 },
  });
}

describe('the flowsheet client against an API over HTTP', () => {
  it('builds the pump in the eleven steps of the specification, in their order', async () => {
    expect(await client.create(url, 'campaign-trial-1')).toBe(String(api.of('flowsheets')[0]!.id));
    expect(api.writes).toEqual(ELEVEN_STEPS);
    expectComplete();
  });

  it('makes nothing twice when it is asked again', async () => {
    const first = await client.create(url, 'campaign-trial-1');
    api.writes.length = 0;
    expect(await client.create(url, 'campaign-trial-1')).toBe(first);
    expect(api.writes.filter((write) => write.startsWith('POST'))).toEqual([]);
    expectComplete();
  });

  it.each(ELEVEN_STEPS.flatMap((step, write) => [[write, step, 'before'] as const, [write, step, 'after'] as const]))(
    'completes a flowsheet whose write %i (%s) failed, refused %s it was done',
    async (write, _, when) => {
      api.refuse = { write, when };
      await expect(client.create(url, 'campaign-trial-1')).rejects.toThrow(/^Flowsheet step ".+": .+ was answered 500/);
      expect(api.writes).toHaveLength(write + 1);
      api.refuse = undefined;
      await client.create(url, 'campaign-trial-1');
      expectComplete();
    },
  );

  it("removes a crashed run's leftovers by their name, with all their parts, and no one else's", async () => {
    await client.create(url, 'campaign-trial-1');
    await client.create(url, 'campaign-trial-2');
    const kept = Number(await client.create(url, 'another'));
    expect(await client.removeLeftovers(url, 'campaign-')).toBe(2);
    expect(api.of('flowsheets').map(({ name }) => name)).toEqual(['another']);
    for (const kind of ['compounds', 'unitops', 'properties'])
      expect(new Set(api.of(kind).map(({ flowsheetOwner }) => flowsheetOwner))).toEqual(new Set([kept]));
    expect(await client.removeLeftovers(url, 'campaign-')).toBe(0);
  });

  it('removes one flowsheet by its name, and is content when it is gone already', async () => {
    await client.create(url, 'campaign-trial-1');
    await client.create(url, 'campaign-trial-10');
    await client.remove(url, 'campaign-trial-1');
    await client.remove(url, 'campaign-trial-1');
    expect(api.of('flowsheets').map(({ name }) => name)).toEqual(['campaign-trial-10']);
  });

  it.each([
    ['{"results": [', "which is no JSON: check that the address is the API's"],
    ['OK', '"OK", which is no JSON'],
    ['a'.repeat(200), `"${'a'.repeat(80)}…", which is no JSON`],
    ['{"detail": "moved"}', 'without a list of objects: adapt the steps file'],
    ['[7, null]', 'without a list of objects'],
    ['null', 'without a list of objects'],
    ['', 'without a list of objects'],
  ])('tells of a step that is answered 200 with %j', async (text, sentence) => {
    const server = createServer((_, response) => response.end(text)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const other = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      const said = await client.create(other, 'campaign-trial-1').catch((error: Error) => error.message);
      expect(said).toMatch(/^Flowsheet step "[^"]+": GET \/\S+ was answered /);
      expect(said).toContain(sentence);
    } finally {
      server.close();
    }
  });
});
