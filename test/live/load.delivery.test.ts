import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { underLoad } from './load';

jest.setTimeout(60_000);

let fails = false;
const server = createServer((_, response) => response.writeHead(fails ? 503 : 200).end('{}'));
const wait = (seconds: number) => new Promise<void>((resolve) => setTimeout(resolve, seconds * 1000));
const request = () => ({
  method: 'GET' as const,
  url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
  headers: {},
});

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

test('the load outlasts the work, ends soon after it, and sees an outage over the turns of its generators', async () => {
  const report = await underLoad(request(), 20, 300, async () => {
    await wait(2);
    fails = true;
    await wait(4);
    fails = false;
  }); // prettier-ignore
  // Two seconds, six of work and ten after it are four turns of five seconds.
  expect(report.requests).toBe(20 * 20);
  expect(Object.keys(report.failures)).toEqual(['status 503']);
  expect(report.failed).toBeGreaterThan(4 * 20 - 15);
  expect(report.failed).toBeLessThan(4 * 20 + 15);
  expect(report.outageSeconds).toBeGreaterThan(3.3);
  expect(report.outageSeconds).toBeLessThan(4.7);
});

test('a load too short to see all of the work is refused, and what the work threw is thrown', async () => {
  await expect(underLoad(request(), 5, 5, () => wait(6))).rejects.toThrow('longer than the load of 5 s');
  await expect(underLoad(request(), 5, 300, () => Promise.reject(new Error('no such pod')), 1)).rejects.toThrow(
    'no such pod',
  );
});
