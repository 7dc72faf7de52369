import { settings } from '../../facts/settings';
import { model } from '../../main';
import { renderFiles } from '../../lib/synthesis/render';
import type { RenderedFile } from '../../lib/kubernetes/object';
import type { LooseObject } from '../fixtures/loose';
import { platformFiles, inPlatform } from './rendered';

const WAVE = 'argocd.argoproj.io/sync-wave';

/** The wait's Job as `dist/workloads/base` has it. */
function waitIn(files: readonly RenderedFile[]): LooseObject {
  return files.find(({ path }) => path === 'workloads/base/wait-for-platform.yaml')!.objects[0]!;
}

const digestOf = (files: readonly RenderedFile[]) =>
  Object.keys(
    (files.find(({ path }) => path === 'platform/platform-applied.yaml')!.objects[0] as LooseObject)['data'] as object,
  );

const rendered = (changed: Partial<typeof settings>) => renderFiles(model({ ...settings, ...changed }));

describe('what the workloads wait for', () => {
  const wait = waitIn(platformFiles);

  it('is written when all of the platform but the tunnel, the entry and the backup is healthy', () => {
    const own = Number(inPlatform('ConfigMap', 'platform-applied').metadata.annotations![WAVE]);
    const later = platformFiles
      .filter(({ path }) => path.startsWith('platform/'))
      .flatMap(({ objects }) => objects)
      .filter(({ metadata }) => Number(metadata.annotations![WAVE]) >= own)
      .map(({ kind, metadata }) => `${kind}/${metadata.name}`);
    expect(later).toContain('Deployment/cloudflared');
    expect(later.filter((name) => /^(StatefulSet|Service|NetworkPolicy|Namespace|Role|Secret)\//.test(name))).toEqual(
      [],
    );
  });

  it('comes before all else, and its container cannot start without the digest of this very platform', () => {
    const waves = platformFiles
      .filter(({ path }) => path.startsWith('workloads/base/') && path !== 'workloads/base/wait-for-platform.yaml')
      .flatMap(({ objects }) => objects.map(({ metadata }) => Number(metadata.annotations![WAVE])));
    expect(Number(wait.metadata.annotations![WAVE])).toBeLessThan(Math.min(...waves));
    const [variable] = wait.spec.template.spec.containers[0].env;
    const [digest] = digestOf(platformFiles);
    expect(variable.valueFrom.configMapKeyRef).toEqual({ name: 'platform-applied', key: digest });
  });

  // A key of one of its components, and one that policies alone follow from, which are made last of all.
  it.each([
    ['the database', { postgres: { ...settings.postgres, size: '6Gi' } }],
    ['a policy', { outsideNameServers: ['9.9.9.9'] }],
  ] as [string, Partial<typeof settings>][])('is another Job for another state of %s', (_, changed) => {
    const files = rendered(changed);
    expect(waitIn(files).metadata.name).not.toBe(wait.metadata.name);
    expect(digestOf(files)).not.toEqual(digestOf(platformFiles));
  });

  it('is the same Job for what the workloads do not lean on, so that they wait for nothing', () => {
    const files = rendered({ backup: { ...settings.backup, retentionDays: settings.backup.retentionDays + 1 } });
    expect(JSON.stringify(files)).not.toBe(JSON.stringify(renderFiles(model())));
    expect(waitIn(files).metadata.name).toBe(wait.metadata.name);
  });
});
