import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as after } from 'node:timers/promises';
import type { GateResult } from '../../../experiments/campaign';
import { GATE_LIMITS } from '../../../experiments/campaign';
import { generatorCpu, generatorMemory } from '../../../experiments/runner/attempt/gates/gates';
import { HostMonitor } from '../../../experiments/runner/attempt/host-monitor';
import { memoryInUse } from '../../../experiments/workload';

jest.setTimeout(60_000);

const SECONDS = 4;
const children: ChildProcess[] = [];

afterEach(async () => {
  const running = children.splice(0).filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
  await Promise.all(running.map((child) => (child.kill('SIGKILL'), once(child, 'exit'))));
});

/** A process that says when it is at work and then goes on until it is killed, for a minute at most; returns its pid. */
async function startWorking(work: string): Promise<number> {
  const program = `${work}; process.stdout.write('.', () => goOn())`;
  const child = startNode(['-e', program]);
  // The lowest priority: it takes only what the machine has left, and still leaves nothing idle.
  os.setPriority(child.pid!, os.constants.priority.PRIORITY_LOW);
  await once(child.stdout!, 'data');
  return child.pid!;
}

function startNode(words: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, words, { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  return child;
}

/** Seconds of processor time that a process has used. */
function processorSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100; // USER_HZ is 100 on every architecture that matters here.
}

const SPIN = 'function goOn() { const end = Date.now() + 60000; while (Date.now() < end); }';

async function readings() {
  const watch = new HostMonitor().start();
  await after(SECONDS * 1000 + 500);
  return watch.stop();
}

describe('the gates of the generator host, by what its monitor really read', () => {
  it('void a trial while other processes keep every core busy', async () => {
    const spinners = await Promise.all(os.cpus().map(() => startWorking(SPIN)));
    const used = () => spinners.reduce((sum, pid) => sum + processorSeconds(pid), 0);
    const before = used();
    const host = await readings();
    expect(used() - before).toBeGreaterThan(0.1); // They took what was idle, however little that was.
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

  /** Verdicts on punctuality and pauses of a load of three seconds, during which something is done to its process. */
  async function verdicts(disturb: (generator: ChildProcess) => Promise<void>): Promise<[GateResult, GateResult]> {
    const generator = startNode(['--require', 'tsx/cjs', join(__dirname, 'starved-generator.ts')]);
    const lines = createInterface({ input: generator.stdout! })[Symbol.asyncIterator]();
    expect((await lines.next()).value).toBe('ready');
    generator.stdin!.write('go\n');
    const answer = lines.next();
    await disturb(generator);
    return JSON.parse((await answer).value as string) as [GateResult, GateResult];
  }

  it('void a trial whose generator is kept from the processor: its starts are late', async () => {
    const [alone] = await verdicts(() => Promise.resolve());
    const [starved] = await verdicts(async (generator) => {
      // Whatever the machine does besides, it may run for a tenth of the time.
      for (let turn = 0; turn < 12; turn++) {
        generator.kill('SIGSTOP');
        await after(360);
        generator.kill('SIGCONT');
        await after(40);
      }
    });
    expect(starved).toMatchObject({ gate: 'achieved-rate', passed: false });
    // How few depends on how promptly the machine stops and continues a process.
    expect(starved.value).toBeLessThan(0.8);
    // With the processor the very same generator keeps the schedule, as far as the machine lets it.
    expect(alone.value).toBeGreaterThan(starved.value! + 0.2);
  });

  it.each([0.6, 1.05, 2])('void a trial whose generator was stopped for %d s, and say when', async (seconds) => {
    const [, pauses] = await verdicts(async (generator) => {
      await after(800);
      generator.kill('SIGSTOP');
      await after(seconds * 1000);
      generator.kill('SIGCONT');
    });
    expect(pauses).toMatchObject({ gate: 'generator-pauses', passed: false });
    expect(pauses.value).toBeGreaterThan(seconds - 0.1);
    expect(pauses.detail).toContain('The generator stood still for');
    expect(pauses.remedy).toBeTruthy();
  });
});
