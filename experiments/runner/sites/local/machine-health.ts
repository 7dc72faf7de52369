import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a machine tells of its own health; a field is absent where it does not tell. */
export interface MachineHealth {
  readonly node_temperature_celsius?: number;
  /** 1 while the supply's voltage is too low. */
  readonly node_undervoltage?: number;
  /** 1 while the firmware slows the processor down. */
  readonly node_throttled?: number;
  /** Highest CPU frequency that is allowed now, as a share of the highest that the processor has. */
  readonly node_cpu_frequency_cap_ratio?: number;
}

/** Bits of the firmware's flags: under-voltage, capped frequency, throttled, soft temperature limit. */
const UNDERVOLTAGE = 0x1;
const THROTTLED = 0x2 | 0x4 | 0x8;

/**
 * Reads the kernel's files, and the firmware's flags on a Raspberry Pi.
 *
 * @param flags Output of `vcgencmd get_throttled`; undefined where there is no such program.
 */
export function machineHealth(sys = '/sys', flags: string | undefined = firmwareFlags()): MachineHealth {
  const temperatures = below(join(sys, 'class/thermal'), /^thermal_zone/).flatMap((zone) =>
    numberIn(join(zone, 'temp')),
  );
  const alarms = below(join(sys, 'class/hwmon'), /^hwmon/).flatMap((chip) => numberIn(join(chip, 'in0_lcrit_alarm')));
  const ratios = below(join(sys, 'devices/system/cpu'), /^cpu\d+$/).flatMap((cpu) => {
    const [allowed] = numberIn(join(cpu, 'cpufreq/scaling_max_freq'));
    const [most] = numberIn(join(cpu, 'cpufreq/cpuinfo_max_freq'));
    return allowed === undefined || most === undefined || most === 0 ? [] : [allowed / most];
  });
  const bits = Number(/^throttled=(0x[0-9a-f]+)/i.exec(flags ?? '')?.[1] ?? NaN);
  const voltage = Number.isNaN(bits) ? alarms : [...alarms, (bits & UNDERVOLTAGE) === 0 ? 0 : 1];
  return {
    ...(temperatures.length === 0 ? {} : { node_temperature_celsius: Math.max(...temperatures) / 1000 }),
    ...(voltage.length === 0 ? {} : { node_undervoltage: Math.max(...voltage) }),
    ...(Number.isNaN(bits) ? {} : { node_throttled: (bits & THROTTLED) === 0 ? 0 : 1 }),
    ...(ratios.length === 0 ? {} : { node_cpu_frequency_cap_ratio: Math.min(...ratios) }),
  };
}

export function isRaspberryPi(model = '/proc/device-tree/model'): boolean {
  return existsSync(model) && readFileSync(model, 'utf8').startsWith('Raspberry Pi');
}

let hasFirmware: boolean | undefined;

function firmwareFlags(): string | undefined {
  hasFirmware ??= existsSync('/usr/bin/vcgencmd');
  if (!hasFirmware) return undefined;
  try {
    return execFileSync('vcgencmd', ['get_throttled'], { encoding: 'utf8', timeout: 1000 });
  } catch {
    return undefined;
  }
}

function below(folder: string, name: RegExp): string[] {
  return existsSync(folder)
    ? readdirSync(folder)
        .filter((one) => name.test(one))
        .map((one) => join(folder, one))
    : [];
}

function numberIn(file: string): number[] {
  try {
    const value = Number(readFileSync(file, 'utf8').trim());
    return Number.isFinite(value) ? [value] : [];
  } catch {
    return [];
  }
}
