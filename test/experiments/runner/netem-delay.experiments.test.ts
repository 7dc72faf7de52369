import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NetemDelay } from '../../../experiments/runner/sites/cluster/netem-delay';
import { delayInPlace } from '../../../experiments/runner/attempt/gates/gates';

const stand = (name: string) => join(__dirname, '../../stand-ins/host', `${name}.sh`);
const commands = { tc: stand('tc'), systemdRun: stand('systemd-run'), systemctl: stand('systemctl') };
let folder: string;
let state: string;
let delay: NetemDelay;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'netem-'));
  state = join(folder, 'qdisc.json');
  process.env['TC_STATE'] = state;
  delay = new NetemDelay({ delayMs: 5, device: 'eth9', commands });
});

afterEach(async () => {
  delete process.env['TC_DEAF'];
  await delay.remove().catch(() => undefined);
  rmSync(folder, { recursive: true, force: true });
});

describe('the network delay', () => {
  it('is added with a guard, read back, and removed with it', async () => {
    await delay.add();
    expect(readFileSync(`${state}.log`, 'utf8')).toContain('qdisc add dev eth9 root handle a40a: netem delay 5ms');
    expect(existsSync(`${state}.guard`)).toBe(true);
    await delay.remove();
    expect([existsSync(state), existsSync(`${state}.guard`)]).toEqual([false, false]);
  });

  it('names the address and the way of what it is to delay, and whether that leads past it', async () => {
    expect(await delay.way('http://localhost:8000/')).toMatch(
      /^localhost is (127\.0\.0\.1|::1) by lo, past the delay on eth9$/,
    );
    const onLoopback = new NetemDelay({ delayMs: 5, device: 'lo', commands });
    expect(await onLoopback.way('http://127.0.0.1:1/')).toBe('127.0.0.1 is 127.0.0.1 by lo');
    await expect(delay.way('https://no-such-host.invalid/')).rejects.toThrow('no-such-host.invalid');
  });

  it('replaces one of its own that a dead run left', async () => {
    await delay.add();
    await new NetemDelay({ delayMs: 7, device: 'eth9', commands }).add();
    expect(readFileSync(state, 'utf8')).toContain('"delay":0.007');
  });

  it('refuses to start beside a foreign discipline, and leaves that one alone', async () => {
    const foreign = '[{"kind":"tbf","handle":"8001:","root":true,"options":{}}]';
    writeFileSync(state, foreign);
    await expect(delay.add()).rejects.toThrow('eth9 has a foreign queueing discipline (tbf 8001:)');
    await delay.remove();
    expect(readFileSync(state, 'utf8')).toBe(foreign);
  });

  it('refuses a foreign netem too, for it is not known whose it is', async () => {
    writeFileSync(state, '[{"kind":"netem","handle":"8002:","root":true,"options":{"delay":{"delay":0.1}}}]');
    await expect(delay.add()).rejects.toThrow('foreign queueing discipline (netem 8002:)');
  });

  it('does not trust tc: a delay that reads back differently is removed and refused', async () => {
    process.env['TC_DEAF'] = '1';
    await expect(delay.add()).rejects.toThrow('tc reports a delay of 1 ms on eth9 after 5ms was added.');
    expect(existsSync(state)).toBe(false);
  });

  it('is measured by a real round trip, so a configured delay that delays nothing fails its gate', async () => {
    const server = net.createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const url = `http://127.0.0.1:${(server.address() as net.AddressInfo).port}`;
    const before = await delay.check(url);
    await delay.add();
    const check = await delay.check(url);
    expect([before.configuredMs, check.configuredMs]).toEqual([0, 5]);
    expect(delayInPlace('before', delay, before.roundTripMs, check).passed).toBe(false);
    server.close();
  });

  it('goes when the process that added it is killed', async () => {
    const program = `
      const { NetemDelay } = require(${JSON.stringify(join(__dirname, '../../../experiments/runner/sites/cluster/netem-delay.ts'))});
      new NetemDelay({ delayMs: 5, device: 'eth9', commands: ${JSON.stringify(commands)} }).add()
        .then(() => { console.log('added'); setInterval(() => {}, 1000); });`;
    const child = spawn(process.execPath, ['--require', 'tsx/cjs', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: process.env,
    });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    expect(existsSync(state)).toBe(true);
    child.kill('SIGKILL');
    for (let waited = 0; existsSync(state) && waited < 5000; waited += 50)
      await new Promise((resolve) => setTimeout(resolve, 50));
    expect(existsSync(state)).toBe(false);
  }, 20_000);

  it('says what is missing where tc is not installed', async () => {
    await expect(new NetemDelay({ delayMs: 5, device: 'eth9', commands: { tc: 'no-such-tc' } }).add()).rejects.toThrow(
      'no-such-tc is not installed.',
    );
  });
});
