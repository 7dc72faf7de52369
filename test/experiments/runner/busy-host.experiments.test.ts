import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import os from 'node:os';
import { setTimeout as after } from 'node:timers/promises';
import { GATE_LIMITS, generatorCpu, generatorMemory } from '../../../experiments/runner/gates';
import { HostMonitor, memoryInUse } from '../../../experiments/runner/host-monitor';

jest.setTimeout(60_000);

const SECONDS = 4;
const children: ChildProcess[] = [];

afterEach(async () => {
  await Promise.all(children.splice(0).map((child) => (child.kill('SIGKILL'), once(child, 'exit'))));
});

/** A process that says when it is at work and then goes on until it is killed, for a minute at most. */
async function startWorking(work: string): Promise<void> {
  const program = `${work}; process.stdout.write('.', () => goOn())`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  // The lowest priority: it takes only what the machine has left, and still leaves nothing idle.
  os.setPriority(child.pid!, os.constants.priority.PRIORITY_LOW);
  await once(child.stdout!, 'data');
}

async function readings() {
  const watch = new HostMonitor().start();
  await after(SECONDS * 1000 + 500);
  return watch.stop();
}

describe('the gates of the generator host, by what its monitor really read', () => {
  it('void a trial while other processes keep every core busy', async () => {
    const spin = 'function goOn() { const end = Date.now() + 60000; while (Date.now() < end); }';
    await Promise.all(os.cpus().map(() => startWorking(spin)));
    const host = await readings();
    expect(host.length).toBeGreaterThanOrEqual(SECONDS - 2);
    const starved = generatorCpu(host);
    expect(starved).toMatchObject({ gate: 'generator-cpu', passed: false, limit: GATE_LIMITS.generatorCpu });
    expect(starved.value).toBeGreaterThan(0.9);
    // The very same reading passes a limit that it lies under, so the reading and the limit alone decide.
    expect(generatorCpu(host, 1)).toMatchObject({ passed: true, value: starved.value, limit: 1 });
  });

  it('void a trial while another process holds more memory than is allowed', async () => {
    const information = readFileSync('/proc/meminfo', 'utf8');
    const kibibytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(information)![1]);
    const taken = Math.min(1024 * 1024, Math.floor(kibibytes('MemAvailable') / 4));
    const before = memoryInUse();
    // The limit lies half of the allocation above what was in use: the specification's own would need 80 % of this machine.
    const limit = before + taken / kibibytes('MemTotal') / 2;
    expect(generatorMemory([{ at: Date.now(), cpu: 0, memory: before }], limit)).toMatchObject({ passed: true });
    await startWorking(
      `const held = Buffer.alloc(${taken * 1024}, 1); function goOn() { setTimeout(() => held.length, 60000); }`,
    );
    const host = await readings();
    const full = generatorMemory(host, limit);
    expect(full).toMatchObject({ gate: 'generator-memory', passed: false, limit });
    expect(generatorMemory(host, 1)).toMatchObject({ passed: true, value: full.value });
  });
});
