import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generatorHost, governors, updateTimers } from '../../../experiments/runner/campaign/generator-host';

const root = mkdtempSync(join(tmpdir(), 'generator-host-'));
afterAll(() => rmSync(root, { recursive: true }));

test('the governors of all processors are told, and that there are none to be seen', () => {
  ['performance', 'ondemand', 'performance'].forEach((governor, cpu) => {
    mkdirSync(join(root, `cpu${cpu}`, 'cpufreq'), { recursive: true });
    writeFileSync(join(root, `cpu${cpu}`, 'cpufreq', 'scaling_governor'), `${governor}\n`);
  });
  mkdirSync(join(root, 'cpuidle'));
  expect(governors(root)).toBe('ondemand, performance');
  expect(governors(join(root, 'cpu0'))).toBe('unknown');
  expect(governors(join(root, 'nowhere'))).toBe('unknown');
});

test('update timers are told as systemd tells them', () => {
  const systemctl = (script: string) => {
    const path = join(root, 'systemctl');
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
    return path;
  };
  expect(updateTimers(systemctl('echo active; echo inactive; exit 3'))).toBe(
    'apt-daily.timer active, apt-daily-upgrade.timer inactive',
  );
  expect(updateTimers(systemctl('echo "System has not been booted with systemd" >&2; exit 1'))).toBe('unknown');
  expect(updateTimers(join(root, 'absent'))).toBe('unknown');
});

test('every campaign keeps both', () => {
  expect(Object.keys(generatorHost())).toEqual(
    expect.arrayContaining(['generatorHost', 'generatorGovernor', 'generatorUpdateTimers']),
  );
});
