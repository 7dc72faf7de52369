import { Secret } from '../../../../lib/kubernetes/secret';
import { yamlOf } from '../yaml-of';
import { PreSyncJob, ScheduledJob } from '../../../../lib/constructs/workload/job';
import { objectsOf, only, RESOURCES, sampleComponent } from '../sample';

const containers = [{ name: 'work', image: 'example/job:1.0.0', resources: RESOURCES }];
const secret = new Secret('vault', { token: { description: 'A token.' } });

describe('a job before each sync', () => {
  it('with all props', () => {
    const component = sampleComponent();
    new PreSyncJob(component, {
      name: 'prepare',
      hookWave: 2,
      retries: 5,
      deadlineSeconds: 60,
      runAs: { user: 1, group: 2 },
      containers: [{ ...containers[0]!, environment: { TOKEN: secret.key('token') } }],
    });
    expect(yamlOf(objectsOf(component))).toMatchSnapshot();
    expect(component.reading.map(({ reader }) => reader)).toEqual(['prepare']);
  });

  it('with none is named after its component and tried three times', () => {
    const component = sampleComponent();
    new PreSyncJob(component, { deadlineSeconds: 60, containers });
    const job = only(component, 'Job');
    expect(job.metadata.name).toBe('sample');
    expect(job.spec).toMatchObject({ backoffLimit: 2, activeDeadlineSeconds: 60 });
    expect(job.spec.template.spec.restartPolicy).toBe('Never');
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
