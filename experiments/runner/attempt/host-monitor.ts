import { watchHost, type HostSample } from '../../workload';
import { observationClock } from './clock';
import type { MonitorPort } from './ports';

/** Watches this machine's CPU and memory every second. */
export class HostMonitor implements MonitorPort {
  start(): { stop(): readonly HostSample[] } {
    return watchHost(() => observationClock.now());
  }
}
