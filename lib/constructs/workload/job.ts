import { createHash } from 'node:crypto';
import { k8s } from '../typed-kinds';
import type { Component } from '../component';
import { toPodTemplate, type PodProps, type PodTemplateManifest } from '../pod/pod';
import { PodOwner } from '../pod/pod-owner';

/** What one-off and scheduled work have in common. */
export interface JobProps extends PodProps {
  /** @default the component's name */
  readonly name?: string;
  /** Retries after a failed pod. @default 2 */
  readonly retries?: number;
  /** The whole job, retries included, is stopped after this long, seconds. */
  readonly deadlineSeconds: number;
}

/** Work that is done once for each version of something. */
export interface VersionedJobProps extends JobProps {
  /** What it is done for, such as an image's tag; stands in the Job's name. */
  readonly version: string;
}

/**
 * A Job that runs once for each version, and again when its pod template changes: its name holds both, and a finished Job of
 * that name is never run again. It has no time to live: removed, it would be created, and so run, at the next sync. Whatever
 * depends on it stands in a later sync wave.
 */
export class VersionedJob extends PodOwner {
  constructor(component: Component, props: VersionedJobProps) {
    const name = props.name ?? component.name;
    const spec = toJobSpec(component, name, props);
    super(component, `${name}-job`, {
      kind: k8s.KubeJob.GVK,
      metadata: component.objectMetadata(`${name}-${slugOf(props.version)}-${digestOf(spec.template)}`, {
        labelName: name,
      }),
      spec,
      pod: props,
      podName: name,
    });
  }
}

/** The version as a part of a name (RFC 1123 label: lower case, digits and hyphens). */
function slugOf(version: string): string {
  return version
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
}

/** Eight hexadecimal digits: more than enough to tell the few templates of one version apart. */
function digestOf(template: PodTemplateManifest): string {
  return createHash('sha256').update(JSON.stringify(template)).digest('hex').slice(0, 8);
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
export class ScheduledJob extends PodOwner {
  constructor(component: Component, props: ScheduledJobProps) {
    const name = props.name ?? component.name;
    super(component, `${name}-schedule`, {
      kind: k8s.KubeCronJob.GVK,
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
      pod: props,
      podName: name,
    });
  }
}

function toJobSpec(component: Component, name: string, props: JobProps) {
  return {
    backoffLimit: props.retries ?? 2,
    activeDeadlineSeconds: props.deadlineSeconds,
    template: toPodTemplate(props, { component, name, restartPolicy: 'Never' }),
  };
}
