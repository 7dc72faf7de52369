/** What each part of the signals beyond CPU asks of a node (charts/signals), and what a search counts as their cost. */
export const SIGNAL_PARTS = {
  prometheus: { cpuMillicores: 50, memoryMiB: 128, memoryLimitMiB: 256 },
  prometheusAdapter: { cpuMillicores: 50, memoryMiB: 64, memoryLimitMiB: 128 },
} as const;
