import { Secret } from '../../../../lib/kubernetes/secret';
import { ScheduledJob, VersionedJob, type VersionedJobProps } from '../../../../lib/constructs/workload/job';
import { only, RESOURCES, sampleComponent } from '../sample';

const containers = [{ name: 'work', image: 'example/job:1.0.0', resources: RESOURCES }];
const secret = new Secret('vault', { token: { description: 'A token.' } });

describe('a job for each version', () => {
  const jobOf = (props: Partial<VersionedJobProps> = {}) => {
    const component = sampleComponent();
    new VersionedJob(component, { version: '0.0.17', deadlineSeconds: 60, containers, ...props });
    return { component, job: only(component, 'Job') };
  };

  it('says under its own name which Secrets it reads', () => {
    const environment = { TOKEN: secret.key('token') };
    const { component } = jobOf({ name: 'prepare', containers: [{ ...containers[0]!, environment }] });
    expect(component.reading.map(({ reader }) => reader)).toEqual(['prepare']);
  });

  it('is named after its component, the version and its pod, is tried three times and never removed', () => {
    const { job } = jobOf();
    expect(job.metadata.name).toMatch(/^sample-0-0-17-[0-9a-f]{8}$/);
    expect(job.metadata.labels).toMatchObject({ 'app.kubernetes.io/name': 'sample' });
    expect(job.spec).toMatchObject({ backoffLimit: 2, activeDeadlineSeconds: 60 });
    expect(job.spec).not.toHaveProperty('ttlSecondsAfterFinished');
    expect(job.spec.template.spec.restartPolicy).toBe('Never');
  });

  it('runs again with another version or another pod, and not when nothing of it changed', () => {
    const nameOf = (props: Partial<VersionedJobProps>) => jobOf(props).job.metadata.name;
    const changed = [{ ...containers[0]!, environment: { MODE: 'other' } }];
    expect(nameOf({})).toBe(nameOf({}));
    expect(new Set([nameOf({}), nameOf({ version: '0.0.18' }), nameOf({ containers: changed })]).size).toBe(3);
    expect(nameOf({ version: '0.0.18', containers: changed })).not.toBe(nameOf({ containers: changed }));
  });

  it.each([
    ['v1.24.1-P1_rc', 'sample-v1-24-1-p1-rc-'],
    ['2025.11.1', 'sample-2025-11-1-'],
  ])('a version such as %s makes a name that the API server takes', (version, start) => {
    const { name } = jobOf({ version }).job.metadata;
    expect(name.startsWith(start)).toBe(true);
    expect(name).toMatch(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);
  });
});

describe('a job by the clock', () => {
  const props = { schedule: '0 3 * * *', timeZone: 'Etc/UTC', deadlineSeconds: 60, containers };

  it('never overlaps itself', () => {
    const component = sampleComponent();
    new ScheduledJob(component, props);
    expect(only(component, 'CronJob').spec).toMatchObject({ concurrencyPolicy: 'Forbid', schedule: '0 3 * * *' });
    expect(only(component, 'CronJob').spec).not.toHaveProperty('suspend');
  });

  it('by hand only, is suspended', () => {
    const component = sampleComponent();
    new ScheduledJob(component, { ...props, onlyByHand: true });
    expect(only(component, 'CronJob').spec.suspend).toBe(true);
  });
});
