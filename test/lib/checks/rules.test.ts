import { checkPlatform, rules, type Finding } from '../../../lib/checks';
import { capacityCases } from './cases/capacity';
import { chartValueCases } from './cases/chart-values';
import { collectorCases } from './cases/collectors';
import { configurationCases } from './cases/configuration';
import { applicationCases, deliveryCases } from './cases/delivery';
import { imagesCases } from './cases/images';
import { effectCases } from './cases/effects';
import { gatewayCases } from './cases/gateway';
import { privilegeCases } from './cases/privilege';
import { guardCases } from './cases/guards';
import { operationCases } from './cases/operation';
import { podsCases } from './cases/pods';
import { programCases } from './cases/programs';
import { rightsAndOrderCases } from './cases/rights-and-order';
import { secretsCases } from './cases/secrets';
import { securityCases } from './cases/security';
import { servicesCases } from './cases/services';
import { shapeCases } from './cases/shape';
import { settingCases } from './cases/settings';
import { signInCases } from './cases/sign-in';
import { statementCases } from './cases/statements';
import { storageCases } from './cases/storage';
import { wiringCases } from './cases/wiring';
import { workloadsCases } from './cases/workloads';
import { web } from './cases/case';
import { asFiles, find, soundPlatform, type SoundPlatform } from './sound-platform';

const cases = [
  ...shapeCases,
  ...servicesCases,
  ...configurationCases,
  ...statementCases,
  ...collectorCases,
  ...rightsAndOrderCases,
  ...storageCases,
  ...gatewayCases,
  ...securityCases,
  ...podsCases,
  ...workloadsCases,
  ...operationCases,
  ...programCases,
  ...effectCases,
  ...settingCases,
  ...capacityCases,
  ...chartValueCases,
  ...secretsCases,
  ...deliveryCases,
  ...applicationCases,
  ...signInCases,
  ...privilegeCases,
  ...guardCases,
  ...wiringCases,
  ...imagesCases,
];

describe('the rules', () => {
  it('find nothing wrong with a sound platform', () => {
    const platform = soundPlatform();
    expect(checkPlatform(platform.model, asFiles(platform))).toEqual([]);
  });

  it.each(cases)('$rule fails when $when', ({ rule, breakIt, object, field, message }) => {
    const platform = soundPlatform();
    breakIt(platform);
    const found = checkPlatform(platform.model, asFiles(platform)).filter((finding) => finding.rule === rule);
    expect(found).toContainEqual(
      expect.objectContaining({
        object,
        message: expect.stringMatching(message),
        ...(field === undefined ? {} : { field }),
      }),
    );
  });

  it('are each shown failing by a case above', () => {
    const covered = new Set(cases.map(({ rule }) => rule));
    expect(rules.map(({ id }) => id).filter((id) => !covered.has(id))).toEqual([]);
  });

  it('each say why they are there and what to do, in plain words', () => {
    for (const { why, remedy } of rules) {
      expect(why).toMatch(/^[A-Z].*\.$/);
      expect(remedy).toMatch(/^[a-z].*[^.]$/);
    }
  });

  it('have distinct ids', () => {
    expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
  });
});

describe('findings', () => {
  it('of an object that is in two scopes are reported once', () => {
    const platform = soundPlatform();
    platform.model.trees.push({ directory: 'workloads/other', app: undefined, alongside: ['platform'] });
    const copies = platform.files.filter(({ path }) => path.startsWith('workloads/production/'));
    platform.files.push(
      ...copies.map((file) => ({ ...structuredClone(file), path: file.path.replace('production', 'other') })),
    );
    find(platform, 'Middleware/ask').spec.forwardAuth.address = 'http://gatekeeper.shop.svc/auth';
    expect(idsOf(platform)).toEqual(['forward-auth-addresses-exist']);
  });

  describe('of wiring, in trees that differ in their amounts alone and are looked at once', () => {
    const alike = () => {
      const platform = soundPlatform();
      web(platform).envFrom = [{ configMapRef: { name: 'gone' } }];
      platform.model.trees.push({ directory: 'workloads/other', app: undefined, alongside: ['platform'] });
      const copies = platform.files.filter(({ path }) => path.startsWith('workloads/production/'));
      platform.files.push(
        ...copies.map((file) => ({ ...structuredClone(file), path: file.path.replace('production', 'other') })),
      );
      web(platform).resources.requests.cpu = '250m';
      find(platform, 'HorizontalPodAutoscaler/web').spec.minReplicas = 1;
      return platform;
    };
    const places = (platform: SoundPlatform) =>
      checkPlatform(platform.model, asFiles(platform)).map(({ rule, file }) => `${rule} ${file}`);

    it('are reported for each of them', () => {
      expect(places(alike())).toEqual([
        'config-map-keys-exist workloads/production/web.yaml',
        'config-map-keys-exist workloads/other/web.yaml',
      ]);
    });

    it('stay in the tree that an exception does not mean', () => {
      const platform = alike();
      const object = 'workloads/other/Deployment/web';
      platform.model.exceptions = [{ rule: 'config-map-keys-exist', object, reason: 'to try it' }];
      expect(places(platform)).toEqual(['config-map-keys-exist workloads/production/web.yaml']);
    });

    it('are found in one alone when the trees differ in more', () => {
      const platform = alike();
      web(platform).envFrom = [];
      expect(places(platform)).toEqual(['config-map-keys-exist workloads/other/web.yaml']);
    });
  });

  it('of one variant do not come from the objects of another', () => {
    const platform = soundPlatform();
    platform.model.trees.push({ directory: 'workloads/empty', app: undefined, alongside: ['platform'] });
    expect(idsOf(platform)).toContain('services-select-pods');
  });

  it('are excused by an exception with a reason, for one tree or for all', () => {
    for (const object of ['Deployment/web', 'workloads/production/Deployment/web']) {
      const platform = soundPlatform();
      delete web(platform).livenessProbe;
      platform.model.exceptions = [{ rule: 'containers-have-probes', object, reason: 'it restarts itself' }];
      expect(idsOf(platform)).toEqual([]);
    }
  });

  it('stay when the exception gives no reason or means another tree', () => {
    for (const exception of [
      { rule: 'containers-have-probes', object: 'Deployment/web', reason: ' ' },
      { rule: 'containers-have-probes', object: 'workloads/other/Deployment/web', reason: 'it restarts itself' },
    ]) {
      const platform = soundPlatform();
      delete web(platform).livenessProbe;
      platform.model.exceptions = [exception];
      expect(idsOf(platform)).toEqual(['containers-have-probes', 'exceptions-are-used']);
    }
  });

  it('include an exception that excuses nothing', () => {
    const platform = soundPlatform();
    platform.model.exceptions = [{ rule: 'images-are-pinned', object: 'Deployment/web', reason: 'to try it' }];
    expect(checkPlatform(platform.model, asFiles(platform))).toEqual([
      expect.objectContaining({
        rule: 'exceptions-are-used',
        component: 'web',
        message: expect.stringMatching(/not needed/),
      }),
    ]);
  });

  it('name the line of a plain file that holds a secret', () => {
    const platform = soundPlatform();
    const address = ['postgres://shop', 'hunter2@database/shop'].join(':');
    platform.model.files = [{ path: 'compose/compose.yaml', content: `services: {}\nurl: ${address}\n` }];
    expect(checkPlatform(platform.model, asFiles(platform))).toEqual([
      expect.objectContaining({ file: 'compose/compose.yaml', field: 'line 2', rule: 'no-secret-material' }),
    ]);
  });

  it('name the chart whose image the mirror does not serve', () => {
    const platform = soundPlatform();
    const outside = (image: string) => ({ image, namedBy: 'cache 1.2.3', listedIn: 'facts/list.json' });
    platform.model.images.outside = [
      outside('docker.io/library/redis:8'),
      outside('ecr-public.aws.com/docker/redis:8'),
    ];
    expect(checkPlatform(platform.model, asFiles(platform))).toEqual([
      expect.objectContaining({
        rule: 'images-come-through-the-mirror',
        component: 'cache 1.2.3',
        file: 'facts/list.json',
        message: expect.stringContaining('ecr-public.aws.com'),
      }),
    ]);
  });

  it('are none for an image with its digest, or one whose digest is pending', () => {
    const platform = soundPlatform();
    web(platform).image = `shop/other:1.2.3@sha256:${'0'.repeat(64)}`;
    expect(idsOf(platform)).toEqual([]);
    web(platform).image = 'shop/other:1.2.3';
    platform.model.images.digestPending.push('docker.io/shop/other');
    expect(idsOf(platform)).toEqual([]);
  });

  it('do not take digests, paths and words for secrets', () => {
    const platform = soundPlatform();
    Object.assign(find(platform, 'ConfigMap/web').data, {
      digest: 'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
      address: 'https://api.shop.example.com/api/unit-operations/Flowsheet2Solver?mode=steady',
      words: 'X-Auth-Request-Access-Token,X-Auth-Request-Preferred-Username',
    });
    expect(idsOf(platform)).toEqual([]);
  });
});

function idsOf(platform: SoundPlatform): string[] {
  return [...new Set(checkPlatform(platform.model, asFiles(platform)).map((finding: Finding) => finding.rule))];
}
