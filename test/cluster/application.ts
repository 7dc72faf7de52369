import type { LooseObject } from '../fixtures/loose';
import type { ControlPlane } from './control-plane';
import { eventually } from './eventually';

/** What Argo CD says of an Application. */
export interface ApplicationStatus {
  readonly sync: string;
  readonly health: string;
  /** Commit last compared with. */
  readonly revision: string;
  /** Folder last compared with. */
  readonly comparedPath: string;
  /** Its conditions as `type: message`, such as `ComparisonError: …`. */
  readonly conditions: readonly string[];
  /** `Running`, `Succeeded`, `Failed`, `Error` of the last sync. */
  readonly operation: string;
  /** When the last sync started. */
  readonly operationStarted: string;
  /** Commit of the last sync, and what it said. */
  readonly operationRevision: string;
  readonly operationMessage: string;
  /** How often that sync was tried again. */
  readonly retries: number;
}

/** The status of an Application; fields are empty while Argo CD has not looked at it. */
export async function applicationStatus(cluster: ControlPlane, name: string): Promise<ApplicationStatus> {
  const { status = {} } = JSON.parse(
    await cluster.kubectl(['get', 'application', name, '-n', 'argocd', '-o', 'json']),
  ) as LooseObject;
  return {
    sync: status.sync?.status ?? '',
    health: status.health?.status ?? '',
    revision: status.sync?.revision ?? '',
    comparedPath: status.sync?.comparedTo?.source?.path ?? '',
    conditions: ((status.conditions ?? []) as { type: string; message: string }[]).map(
      ({ type, message }) => `${type}: ${message}`,
    ),
    operation: status.operationState?.phase ?? '',
    operationStarted: status.operationState?.startedAt ?? '',
    operationRevision: status.operationState?.syncResult?.revision ?? '',
    operationMessage: status.operationState?.message ?? '',
    retries: status.operationState?.retryCount ?? 0,
  };
}

/**
 * Waits until an Application is as wanted.
 *
 * @throws Error with its last status, when it never is.
 */
export async function applicationBecomes(
  cluster: ControlPlane,
  name: string,
  wanted: (status: ApplicationStatus) => boolean,
  what: string,
  timeoutMs = 90_000,
): Promise<ApplicationStatus> {
  let last: ApplicationStatus | undefined;
  await eventually(
    `Application ${name} ${what}`,
    async () => {
      last = await applicationStatus(cluster, name);
      if (wanted(last)) return true;
      throw new Error(`it says ${JSON.stringify(last)}`);
    },
    timeoutMs,
  );
  return last!;
}

/** Waits until an Application has synced a commit and all it holds is healthy. */
export function applicationSynced(
  cluster: ControlPlane,
  name: string,
  commit: string,
  timeoutMs?: number,
): Promise<ApplicationStatus> {
  return applicationBecomes(
    cluster,
    name,
    (status) =>
      status.sync === 'Synced' &&
      status.health === 'Healthy' &&
      status.revision === commit &&
      status.operation !== 'Running',
    `is synced and healthy at ${commit.slice(0, 8)}`,
    timeoutMs,
  );
}
