import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';

/** Timers of Debian that start an update in the midst of a load. */
const UPDATE_TIMERS = ['apt-daily.timer', 'apt-daily-upgrade.timer'] as const;

/** Facts of this machine that a campaign keeps: what it is, and what may change its speed while it runs. */
export function generatorHost(): Record<string, string> {
  return {
    node: process.version,
    generatorHost: `${os.cpus().length} cores, ${Math.round(os.totalmem() / 2 ** 30)} GiB, ${os.type()} ${os.release()} ${os.arch()}`,
    generatorGovernor: governors(),
    generatorUpdateTimers: updateTimers(),
  };
}

/**
 * The CPU frequency governors in use: `ondemand` measures its own hesitation, `performance` does not.
 *
 * @param cpus Folder of the processors in sysfs.
 */
export function governors(cpus = '/sys/devices/system/cpu'): string {
  const found = new Set<string>();
  for (const name of namesIn(cpus).filter((one) => /^cpu\d+$/.test(one)))
    try {
      found.add(readFileSync(join(cpus, name, 'cpufreq', 'scaling_governor'), 'utf8').trim());
    } catch {
      // A virtual machine has none.
    }
  return found.size === 0 ? 'unknown' : [...found].sort().join(', ');
}

/**
 * Which update timers are active.
 *
 * @param systemctl Program to ask.
 */
export function updateTimers(systemctl = 'systemctl'): string {
  const states = answerOf(systemctl, ['is-active', ...UPDATE_TIMERS])
    .split('\n')
    .map((line) => line.trim());
  if (states.length !== UPDATE_TIMERS.length || states.some((state) => !/^[a-z]+$/.test(state))) return 'unknown';
  return UPDATE_TIMERS.map((timer, index) => `${timer} ${states[index]}`).join(', ');
}

/** What a program prints, whatever its status: `is-active` is 3 where anything is inactive. */
function answerOf(program: string, words: readonly string[]): string {
  try {
    return execFileSync(program, words, {
      encoding: 'utf8',
      timeout: 5000,
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch (error) {
    const { stdout } = error as { stdout?: unknown };
    return typeof stdout === 'string' ? stdout.trim() : '';
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
