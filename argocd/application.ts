import { Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import {
  Application as ArgoApplication,
  type ApplicationSpecSource,
  type ApplicationSpecSyncPolicy,
} from '../imports/argoproj.io';
import { syncPolicy } from './sync-policy';
import { ARGO_CD_NAMESPACE } from '../facts/namespaces';

/** The API server of the cluster Argo CD itself runs in. */
export const IN_CLUSTER = 'https://kubernetes.default.svc';

export interface ApplicationProps {
  /** AppProject that limits what the Application may apply. */
  readonly project: string;
  /** Namespace of the objects that name none. */
  readonly namespace: string;
  /** Order within the root Application: a lower wave is healthy before the next one starts. */
  readonly syncWave: number;
  /** Folder of a repository, or a chart. */
  readonly source: ApplicationSpecSource;
  /**
   * Every object is applied at every sync, so that every wave is waited for. Without it what is as in git is passed over, and with it a
   * failed Job at the next try, ten seconds later. @default false
   * https://argo-cd.readthedocs.io/en/stable/user-guide/sync-options/#selective-sync
   */
  readonly waitsForEveryWave?: boolean;
  /** Fields that something else than git decides; every one needs its reason. */
  readonly decidedElsewhere?: readonly FieldDecidedElsewhere[];
}

/** A field that Argo CD leaves as it finds it, neither as drift nor at a sync. */
export interface FieldDecidedElsewhere {
  /** Group of the object's API, such as `apps`. */
  readonly group: string;
  /** Kind of the object. */
  readonly kind: string;
  /** Name of the object. */
  readonly name: string;
  /** JSON pointer, such as `/spec/source/path`. */
  readonly field: string;
  /** Shown among the Application's information. */
  readonly reason: string;
}

/**
 * One file of `dist/argocd/` with one Application. It carries no finalizer: deleting an Application leaves its objects
 * running.
 */
export class Application extends Chart {
  constructor(scope: Construct, name: string, props: ApplicationProps) {
    super(scope, name, { disableResourceNameHashes: true });
    const { decidedElsewhere = [] } = props;
    const policy = props.waitsForEveryWave ? without('ApplyOutOfSyncOnly=true') : syncPolicy;
    new ArgoApplication(this, 'application', {
      metadata: {
        name,
        namespace: ARGO_CD_NAMESPACE,
        annotations: { 'argocd.argoproj.io/sync-wave': String(props.syncWave) },
      },
      spec: {
        project: props.project,
        source: props.source,
        destination: { server: IN_CLUSTER, namespace: props.namespace },
        revisionHistoryLimit: 10,
        ...leaveAlone(decidedElsewhere, policy),
      },
    });
  }
}

function without(option: string): ApplicationSpecSyncPolicy {
  return { ...syncPolicy, syncOptions: syncPolicy.syncOptions?.filter((each) => each !== option) };
}

/** Without `RespectIgnoreDifferences` the fields would be left out of the comparison and yet written at each sync. */
function leaveAlone(fields: readonly FieldDecidedElsewhere[], policy: ApplicationSpecSyncPolicy) {
  if (fields.length === 0) return { syncPolicy: policy };
  return {
    syncPolicy: { ...policy, syncOptions: [...(policy.syncOptions ?? []), 'RespectIgnoreDifferences=true'] },
    ignoreDifferences: fields.map(({ group, kind, name, field }) => ({ group, kind, name, jsonPointers: [field] })),
    info: fields.map(({ kind, name, field, reason }) => ({ name: `${kind}/${name} ${field}`, value: reason })),
  };
}
