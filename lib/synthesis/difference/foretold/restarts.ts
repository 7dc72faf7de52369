import { isKind } from '../../../checks/objects/kinds';
import type { KubernetesObject } from '../../../kubernetes/object';
import { isEarlier } from '../../../kubernetes/image';
import { compareFields, type FieldChange } from '../compare';
import type { Effected, ObjectPair } from './consequence';

const ROLLED = ['Deployment', 'StatefulSet', 'DaemonSet'] as const;

/** Pods that a changed template replaces. */
export function restarts({ was, is }: ObjectPair): Effected[] {
  if (!isKind(was, ...ROLLED) || !isKind(is, ...ROLLED)) return [];
  const template = 'spec.template';
  const changes = compareFields(was.spec?.template, is.spec?.template, template);
  if (changes.length === 0) return [];
  const waits = isKind(is, 'Deployment') ? is.spec?.paused === true : is.spec?.updateStrategy?.type === 'OnDelete';
  if (waits) {
    const sentence =
      'the pod template changes, but its pods are replaced only when somebody deletes them or resumes it';
    return [{ effect: 'restart', field: template, sentence }];
  }
  const fields = changes.map(({ field }) => field.slice(template.length + 1));
  const isConfiguration = fields.every((field) => field.startsWith('metadata.annotations["checksum/'));
  const images = changes.filter(({ field }) => field.endsWith('.image'));
  const why = isConfiguration
    ? 'its configuration changes'
    : images.length > 0
      ? images
          .map(({ before, after }) => {
            const step = `${String(before ?? 'a new container')} → ${String(after ?? 'gone')}`;
            return isEarlier(String(after), String(before)) ? `${step} (an earlier version)` : step;
          })
          .join(', ')
      : `${shortened(changes, template)} of the pod template`;
  return [{ effect: 'restart', field: changes[0]!.field, sentence: `${why}: ${manner(is)}` }];
}

function shortened(changes: readonly FieldChange[], template: string): string {
  const names = changes.map(({ field, before, after }) => {
    const name = field.slice(template.length + 1).replace(/^spec\./, '');
    return after === undefined ? `${name} (gone)` : before === undefined ? `${name} (new)` : name;
  });
  return names.length <= 2 ? names.join(', ') : `${names.slice(0, 2).join(', ')} and ${names.length - 2} more`;
}

function manner(is: KubernetesObject): string {
  if (isKind(is, 'StatefulSet'))
    return (is.spec?.replicas ?? 1) <= 1
      ? 'its one pod stops before the new one starts, so it is away meanwhile'
      : 'its pods are replaced one after another';
  if (isKind(is, 'Deployment') && is.spec?.strategy?.type === 'Recreate')
    return 'all its pods stop before new ones start, so it is away meanwhile';
  return 'its pods are replaced a few at a time';
}
