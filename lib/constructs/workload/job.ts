import { k8s } from 'cdk8s-plus-28';
import type { Component } from '../component';
import { secretsOfPod, toPodTemplate, type PodProps } from '../pod/pod';

/** What one-off and scheduled work have in common. */
export interface JobProps extends PodProps {
  /** @default the component's name */
  readonly name?: string;
  /** Retries after a failed pod. @default 2 */
  readonly retries?: number;
  /** The whole job, retries included, is stopped after this long, seconds. */
  readonly deadlineSeconds: number;
}

/** Work that runs once per sync, before anything else of its Application changes (an Argo CD PreSync hook). */
export interface PreSyncJobProps extends JobProps {
  /** Order among hooks. @default 0 */
  readonly hookWave?: number;
}

/**
 * A Job that Argo CD runs before each sync; a failure stops the sync, so what depends on the job is not rolled out. The
 * finished Job stays, with its log, until the next sync replaces it.
 */
export class PreSyncJob extends k8s.KubeJob {
  constructor(component: Component, props: PreSyncJobProps) {
    const name = props.name ?? component.name;
    super(component, `${name}-job`, {
      metadata: component.objectMetadata(name, {
        labelName: name,
        syncWave: props.hookWave ?? 0,
        annotations: {
          'argocd.argoproj.io/hook': 'PreSync',
          'argocd.argoproj.io/hook-delete-policy': 'BeforeHookCreation',
        },
      }),
      spec: toJobSpec(component, name, props),
    });
    component.reads(secretsOfPod(props), name);
  }
}

/** Work by the clock. */
export interface ScheduledJobProps extends JobProps {
  /** Cron expression of five fields. */
  readonly schedule: string;
  /** Time zone of the schedule, such as `Pacific/Auckland`. */
  readonly timeZone: string;
  /**
   * Never starts by the clock: a ready-made job that a person starts with
   * `kubectl create job --from=cronjob/<name> <name>-1`. @default false
   */
  readonly onlyByHand?: boolean;
}

/** A CronJob that never overlaps itself and keeps the logs of its last runs. */
export class ScheduledJob extends k8s.KubeCronJob {
  constructor(component: Component, props: ScheduledJobProps) {
    const name = props.name ?? component.name;
    super(component, `${name}-schedule`, {
      metadata: component.objectMetadata(name, { labelName: name }),
      spec: {
        schedule: props.schedule,
        timeZone: props.timeZone,
        suspend: props.onlyByHand,
        concurrencyPolicy: 'Forbid',
        // A run missed while the cluster was down is caught up within six hours.
        startingDeadlineSeconds: 6 * 3600,
        successfulJobsHistoryLimit: 3,
        failedJobsHistoryLimit: 3,
        jobTemplate: { spec: toJobSpec(component, name, props) },
      },
    });
    component.reads(secretsOfPod(props), name);
  }
}

function toJobSpec(component: Component, name: string, props: JobProps): k8s.JobSpec {
  return {
    backoffLimit: props.retries ?? 2,
    activeDeadlineSeconds: props.deadlineSeconds,
    template: toPodTemplate(props, { component, name, restartPolicy: 'Never' }),
  };
}
