import { setPercent } from '../../../lib/primitives/percent';
import type { TestType } from '../../plan';
import { inWords } from '../model/distribution';
import type { AssumedSetting, SystemModel } from '../model/system-model';

/**
 * What a rehearsal can find out about a variant, or about a pair of them. In `saturated` cells every trial drops so many
 * starts that percentiles are only lower bounds.
 */
export type FindingKind = 'never-scales' | 'unschedulable' | 'saturated' | 'indistinguishable';

/** Settings that decide a finding: another value of one was seen to turn it around, or to move its figures by half or more. */
const DECISIVE: Readonly<Record<FindingKind, Readonly<Record<TestType, readonly AssumedSetting[]>>>> = {
  'never-scales': {
    uor: ['service-times'],
    fs: ['solver-parallelism', 'threads', 'solver-connections'],
  },
  // A pod asks for room by its request, which the plan sets; that it is asked for at all follows from the same settings.
  unschedulable: { uor: ['service-times'], fs: ['solver-parallelism', 'threads'] },
  saturated: { uor: ['service-times', 'threads'], fs: ['solver-parallelism', 'threads'] },
  indistinguishable: {
    uor: ['trial-spread', 'service-times', 'pod-start', 'endpoint-propagation'],
    fs: ['trial-spread', 'solver-parallelism', 'threads', 'solver-connections'],
  },
};

/** What a finding takes for granted that was never measured, a sentence's part each; empty once all of it was. */
export function assumptionsBehind(kind: FindingKind, testType: TestType, model: SystemModel): string[] {
  return DECISIVE[kind][testType]
    .filter((setting) => isAssumed(setting, model, testType))
    .map((setting) => assumptionText(setting, model, testType));
}

/** All that a model takes for granted. */
export function assumptionsOf(model: SystemModel): string[] {
  return model.assumed.flatMap((setting) =>
    (['uor', 'fs'] as const)
      .filter((testType) => (setting === 'service-times' ? isAssumed(setting, model, testType) : testType === 'uor'))
      .map((testType) => assumptionText(setting, model, testType)),
  );
}

function isAssumed(setting: AssumedSetting, model: SystemModel, testType: TestType): boolean {
  // Calibration fits each test type for itself, and quantiles come from nowhere else.
  const isFitted = setting === 'service-times' && model.requests[testType].total.kind === 'quantiles';
  return model.assumed.includes(setting) && !isFitted;
}

function assumptionText(setting: AssumedSetting, model: SystemModel, testType: TestType): string {
  const { 'django-api': django, idaes } = model.processes;
  const { startSeconds, endpointSeconds, gatewayThrottleSeconds } = model.pods;
  switch (setting) {
    case 'solver-parallelism':
      return `the solver of a process uses ${idaes.coresPerProcess === 1 ? 'one core' : `${idaes.coresPerProcess} cores`}`;
    case 'solver-connections':
      return model.solverConnections === 'new'
        ? 'django-api opens a new connection to idaes for every request'
        : 'django-api keeps its connections to idaes';
    case 'threads': {
      const threads = django.processes * django.threads;
      return `a pod of django-api holds ${threads === 1 ? 'one request' : `${threads} requests`} at a time`;
    }
    case 'service-times':
      return `${testType} service times are ${inWords(model.requests[testType].total)}`;
    case 'trial-spread':
      return `whole trials differ by ${setPercent(model.betweenTrials)}`;
    case 'pod-start':
      return `a pod starts in ${startSeconds} s, without loading`;
    case 'endpoint-propagation':
      return `proxies know a pod after ${endpointSeconds} s, the gateway up to ${gatewayThrottleSeconds} s later`;
  }
}
