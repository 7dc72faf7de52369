import { selfSigned } from '../../fixtures/certificates';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { readTable, SAMPLE_COLUMNS, type TrialRecord } from '../../../experiments/campaign';
import { WARM_UP } from '../../../experiments/plan';
import type { Ports } from '../../../experiments/runner/attempt/ports';
import { answerUnitOperations, UNIT_OPERATIONS } from './file-world';
import { failedGates, oneAttempt } from './one-attempt';

jest.setTimeout(60_000);
// Servers that do what HTTP does not foresee. Each trial sends 80 requests in two seconds, and several run side by side.

const HEADERS = { 'content-type': 'application/json' };
const MIB = 2 ** 20;
const LONG_DELAY_MS = 40;

/** Well through the warm-up, and then every `nth` request otherwise. */
function everyNth(nth: number, bad: http.RequestListener): http.RequestListener {
  let requests = 0;
  return (request, response) => {
    const isBad = ++requests > WARM_UP.requests && requests % nth === 0;
    (isBad ? bad : answerUnitOperations)(request, response);
  };
}

/** A trial against a server of its own instead of the world's. */
async function against(
  server: net.Server,
  scheme: 'http' | 'https',
): Promise<{ record: TrialRecord; samples: Record<string, unknown>[] }> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let samples: Record<string, unknown>[] = [];
  const record = await oneAttempt({
    // Twice as long as the others, and a delay that no busy test machine hides.
    scale: { rate: 0.5, duration: 1 / 60 },
    change: ({ cluster, delay }: Ports) => ({
      cluster: { ...cluster, url: () => url },
      delay: {
        ...delay,
        delayMs: LONG_DELAY_MS,
        check: async (to) => ({
          configuredMs: LONG_DELAY_MS,
          roundTripMs: (await delay.check(to)).configuredMs === 0 ? 0 : LONG_DELAY_MS,
        }),
      },
    }),
    look: async (campaign) => {
      samples = await readTable(join(campaign, 'trials', record0(campaign), 'samples.parquet'), SAMPLE_COLUMNS);
    },
  });
  server.close();
  return { record, samples };
}

/** Failed gates, but for those that other work on a test machine may fail. */
function failedOf(record: TrialRecord): string[] {
  return failedGates(record).filter((gate) => !['achieved-rate', 'generator-pauses'].includes(gate));
}

function record0(campaign: string): string {
  const { order } = JSON.parse(readFileSync(join(campaign, 'campaign.json'), 'utf8')) as { order: string[] };
  return order[0]!;
}

/** Waits for a whole request on a raw connection, then as long as the network would. */
function rawServer(answer: (socket: net.Socket, number: number) => void, when: 'asked' | 'connected'): net.Server {
  let connections = 0;
  return net.createServer((socket) => {
    const number = ++connections;
    const isEarly = when === 'connected' && number > WARM_UP.requests;
    socket.on('error', () => undefined);
    if (isEarly) answer(socket, number);
    else socket.once('data', () => setTimeout(() => answer(socket, number), LONG_DELAY_MS));
  });
}

const HEAD = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(UNIT_OPERATIONS)}\r\nconnection: close\r\n\r\n`;

describe('a trial is void, and says why, when', () => {
  it.concurrent.each<[string, http.RequestListener, string, string | RegExp]>([
    [
      'every second answer is of another flowsheet, alike in all but its ids',
      everyNth(
        2,
        (_, response) => void response.writeHead(200, HEADERS).end(UNIT_OPERATIONS.replace(/"id":(\d)/g, '"id":9$1')),
      ),
      'error-budget',
      '40 × wrong answer',
    ],
    [
      "every second answer is another user's",
      everyNth(
        2,
        (_, response) => void response.writeHead(200, HEADERS).end(UNIT_OPERATIONS.replace('Owner":1', 'Owner":2')),
      ),
      'error-budget',
      '40 × wrong answer',
    ],
    [
      'bodies of kilobytes unpack to a gigabyte',
      (() => {
        const bomb = Buffer.concat(Array.from({ length: 8 }, () => gzipSync(Buffer.alloc(128 * MIB, ' '))));
        return everyNth(
          2,
          (_, response) => void response.writeHead(200, { ...HEADERS, 'content-encoding': 'gzip' }).end(bomb),
        );
      })(),
      'error-budget',
      /\d+ × (wrong answer|stalled)/,
    ],
    [
      'bodies come in chunks without an end, as fast as they are read',
      everyNth(2, (_, response) => {
        response.writeHead(200, HEADERS);
        const chunk = Buffer.alloc(256 * 1024, ' ');
        const more = () => {
          while (!response.destroyed && response.write(chunk));
        };
        response.on('drain', more).on('error', () => undefined);
        more();
      }),
      'error-budget',
      /\d+ × (wrong answer|stalled)/,
    ],
    [
      'a cache on the way answers in place of the system',
      everyNth(2, (_, response) => void response.writeHead(200, { ...HEADERS, age: '7' }).end(UNIT_OPERATIONS)),
      'error-budget',
      '40 × wrong answer',
    ],
    [
      'a server speaks another protocol',
      everyNth(
        2,
        ({ socket }) =>
          void socket.end('HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n'),
      ),
      'error-budget',
      '40 × status 101',
    ],
    [
      'headers have no end',
      everyNth(2, ({ socket }) => void socket.end(`HTTP/1.1 200 OK\r\n${'x-filler: y\r\n'.repeat(4000)}\r\n`)),
      'error-budget',
      '40 × network',
    ],
    [
      'every twentieth connection is reset on an idle system',
      everyNth(20, ({ socket }) => socket.resetAndDestroy()),
      'error-budget',
      '4 × reset',
    ],
    [
      'more comes after an answer than it announced',
      everyNth(2, ({ socket }) => void socket.end(HEAD + UNIT_OPERATIONS + HEAD + UNIT_OPERATIONS)),
      'error-budget',
      '40 × network',
    ],
    [
      'lengths promise more than comes, and connections end in order',
      everyNth(2, (_, response) => {
        response.writeHead(200, { ...HEADERS, 'content-length': 4096 });
        response.write(UNIT_OPERATIONS, () => response.socket?.end());
      }),
      'error-budget',
      '40 × truncated',
    ],
  ])('%s', async (_, answer, gate, detail) => {
    const record = await oneAttempt({ answer });
    const told = record.gates.find((one) => one.gate === gate)!;
    expect(told).toMatchObject({ passed: false, detail: expect.stringMatching(detail) as string });
    expect(told.remedy).toBeTruthy();
    expect(failedOf(record)).toEqual([gate]);
  });

  it('answers are sent before they were asked for', async () => {
    const server = rawServer((socket) => socket.end(HEAD + UNIT_OPERATIONS), 'connected');
    const { record } = await against(server, 'http');
    expect(record.gates.find(({ gate }) => gate === 'answers-delayed')).toMatchObject({
      passed: false,
      detail: expect.stringMatching(/of 80 answers .* came within 37 ms of their request, from \d s to \d s/) as string,
    });
    expect(record.valid).toBe(false);
  });

  it('the delay is taken away in the midst of the load and put back before its end', async () => {
    let requests = 0;
    const server = http.createServer((request, response) => {
      const number = ++requests - WARM_UP.requests;
      setTimeout(() => answerUnitOperations(request, response), number > 30 && number <= 50 ? 0 : LONG_DELAY_MS);
    });
    const { record } = await against(server, 'http');
    expect(failedOf(record)).toEqual(['answers-delayed']);
  });

  it('the gateway shows another certificate from the midst of the load on', async () => {
    const { record } = await changingCertificate('first', 'second');
    expect(failedOf(record)).toEqual(['same-system']);
    expect(record.gates.find(({ gate }) => gate === 'same-system')!.detail).toMatch(
      /^From (0\.\d|1\.\d) s on another certificate answered/,
    );
  });

  it('a gateway that makes its own certificates is followed by another system', async () => {
    const { record } = await changingCertificate('TRAEFIK DEFAULT CERT', 'elsewhere');
    expect(failedOf(record)).toEqual(['same-system']);
  });

  it('the name of the system comes to resolve elsewhere', () => {
    const run = spawnSync(
      'unshare',
      [
        '--mount',
        '--propagation',
        'private',
        process.execPath,
        '--require',
        'tsx/cjs',
        join(__dirname, 'moved-name.ts'),
      ],
      { encoding: 'utf8' },
    );
    expect([run.status, run.stderr]).toEqual([0, '']);
    const record = JSON.parse(run.stdout) as TrialRecord;
    expect(failedOf(record)).toEqual(['same-system']);
    expect(record.gates.find(({ gate }) => gate === 'same-system')!.detail).toMatch(
      /another address answered, 127\.0\.0\.3 \(before: address 127\.0\.0\.2\)/,
    );
  });
});

describe('a trial is kept, and its numbers are right, when', () => {
  it('the gateway makes its own certificate anew, as Traefik does with every pod that comes or goes', async () => {
    const { record } = await changingCertificate('TRAEFIK DEFAULT CERT', 'TRAEFIK DEFAULT CERT');
    expect(failedOf(record)).toEqual([]);
  });

  it.concurrent('headers trickle in byte by byte', async () => {
    const slow = 'HTTP/1.1 200 OK\r\n'.length;
    const server = rawServer((socket, number) => {
      if (number % 8 !== 0 || number <= WARM_UP.requests) return void socket.end(HEAD + UNIT_OPERATIONS);
      let sent = 0;
      const timer = setInterval(() => {
        if (sent < slow) return void socket.write(HEAD[sent++]!);
        clearInterval(timer);
        socket.end(HEAD.slice(slow) + UNIT_OPERATIONS);
      }, 50);
    }, 'asked');
    const { record, samples } = await against(server, 'http');
    expect(failedOf(record)).toEqual([]);
    const waits = samples.map((row) => Number(row['waiting_ms'])).sort((a, b) => a - b);
    // A tenth of the requests took seventeen bytes of 50 ms each, and that is what they are said to have taken.
    expect(waits.filter((wait) => wait >= 850)).toHaveLength(10);
  });
});

/** A load of which the server shows one certificate, and from its midst on another. */
function changingCertificate(first: string, second: string) {
  const [before, after] = [certificate(first), certificate(second)];
  let requests = 0;
  const server = https.createServer(before, (request, response) => {
    if (++requests === WARM_UP.requests + 15) server.setSecureContext(after);
    setTimeout(() => answerUnitOperations(request, response), LONG_DELAY_MS);
  });
  return against(server, 'https');
}

/** A certificate that signs itself, of a new key. */
function certificate(name: string): { readonly key: Buffer; readonly cert: Buffer } {
  const folder = mkdtempSync(join(tmpdir(), 'certificates-'));
  try {
    const files = selfSigned(folder, name);
    return { key: readFileSync(files.key), cert: readFileSync(files.certificate) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
