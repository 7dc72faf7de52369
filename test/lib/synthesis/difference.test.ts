import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compareOutputs } from '../../../lib/synthesis/difference';
import { differenceAsMarkdown, differenceAsText } from '../../../lib/synthesis/difference/report';
import { readFolderAt } from '../../../lib/synthesis/difference/sides/revision';
import { toYaml } from '../../../lib/synthesis/yaml';

const deployment = (containers: object[], extra: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { containers, ...extra },
});
const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'shop' } };
const outputs = (...objects: object[]) => new Map([['platform/web.yaml', toYaml(objects as never)]]);
const place = 'platform';
const object = 'Deployment/web (shop)';

describe('the difference', () => {
  it('is empty when only the order of objects and keys differs', () => {
    const other = new Map([
      ['platform/web.yaml', toYaml([service, { ...deployment([]), spec: { containers: [] } }] as never)],
    ]);
    expect(compareOutputs(outputs(deployment([]), service), other)).toEqual([]);
  });

  it('names objects that come and go', () => {
    const changes = compareOutputs(outputs(deployment([])), outputs(service));
    expect(changes).toEqual([
      { place, object, change: 'removed', fields: [] },
      { place, object: 'Service/web (shop)', change: 'added', fields: [] },
    ]);
  });

  it('matches items of a list by their name, so that an insertion is one change', () => {
    const changes = compareOutputs(
      outputs(deployment([{ name: 'web', image: 'example/web:1' }])),
      outputs(
        deployment([
          { name: 'proxy', image: 'example/proxy:1' },
          { name: 'web', image: 'example/web:2' },
        ]),
      ),
    );
    expect(changes).toEqual([
      {
        place,
        object,
        change: 'changed',
        fields: [
          { field: 'spec.containers[web].image', before: 'example/web:1', after: 'example/web:2' },
          { field: 'spec.containers[proxy]', before: undefined, after: { name: 'proxy', image: 'example/proxy:1' } },
        ],
      },
    ]);
  });

  it('tells when only the order of a list differs, because order may matter', () => {
    const [a, b] = [{ name: 'a' }, { name: 'b' }];
    const [change] = compareOutputs(outputs(deployment([a, b])), outputs(deployment([b, a])));
    expect(change!.fields).toEqual([{ field: 'spec.containers', before: ['a', 'b'], after: ['b', 'a'] }]);
  });

  it('sees an object that moved to another file of its folder as the same', () => {
    const moved = new Map([['platform/other.yaml', toYaml([service] as never)]]);
    expect(compareOutputs(outputs(service), moved)).toEqual([]);
  });

  describe('of kustomizations', () => {
    const folder = (name: string, patch?: object) => [
      [
        `workloads/${name}/kustomization.yaml`,
        `resources: [../base]\n${patch ? 'patches: [{ path: patches.yaml }]\n' : ''}`,
      ],
      ...(patch ? [[`workloads/${name}/patches.yaml`, toYaml([deployment([], patch)] as never)]] : []),
    ];
    const dist = (base: object, ...folders: string[][][]) =>
      new Map([
        ['workloads/base/kustomization.yaml', 'resources: [web.yaml]\n'],
        ['workloads/base/web.yaml', toYaml([base] as never)],
        ...folders.flat(),
      ] as [string, string][]);
    const both = [folder('production'), folder('wide', { replicas: 4 })];

    it('is that of what they build, told once for all folders in which it is the same', () => {
      const changes = compareOutputs(dist(deployment([]), ...both), dist(deployment([], { paused: true }), ...both));
      expect(changes).toEqual([
        {
          place: 'workloads/production',
          alsoIn: ['workloads/wide'],
          object,
          change: 'changed',
          fields: [{ field: 'spec.paused', before: undefined, after: true }],
        },
      ]);
      expect(differenceAsText(changes)).toContain('Deployment/web (shop) and alike in workloads/wide');
    });

    it('is told of one folder alone where its patch changed', () => {
      const changes = compareOutputs(
        dist(deployment([]), ...both),
        dist(deployment([]), folder('production'), folder('wide', { replicas: 8 })),
      );
      expect(changes).toMatchObject([
        { place: 'workloads/wide', fields: [{ field: 'spec.replicas', before: 4, after: 8 }] },
      ]);
    });

    it('is nothing where whole manifests became a kustomization that builds the same', () => {
      const whole = new Map([
        ['workloads/production/web.yaml', toYaml([deployment([])] as never)],
        ['workloads/wide/web.yaml', toYaml([deployment([], { replicas: 4 })] as never)],
      ]);
      expect(compareOutputs(whole, dist(deployment([]), ...both))).toEqual([]);
    });
  });

  it('compares plain files by field too', () => {
    const compose = (image: string) => new Map([['compose/compose.yaml', `services:\n  web:\n    image: ${image}\n`]]);
    expect(compareOutputs(compose('a:1'), compose('a:2'))).toEqual([
      {
        place: 'compose/compose.yaml',
        object: '',
        change: 'changed',
        fields: [{ field: 'services.web.image', before: 'a:1', after: 'a:2' }],
      },
    ]);
  });

  it('says which file is not valid', () => {
    const broken = new Map([['platform/web.yaml', 'a: [']]);
    expect(() => compareOutputs(broken, outputs(service))).toThrow(
      /platform\/web\.yaml cannot be compared, because it is not valid/,
    );
  });
});

describe('its report', () => {
  const before = outputs(deployment([{ name: 'web', image: 'example/web:1' }], { text: 'one\ntwo\n' }));
  const after = outputs(
    deployment([{ name: 'web', image: 'example/web:2' }], { text: 'one\nthree\n', paused: true }),
    service,
  );
  const changes = compareOutputs(before, after);

  it('shows objects and fields in the terminal', () => {
    expect(differenceAsText(changes)).toBe(
      [
        '1 added, 0 removed, 1 changed.',
        '',
        'platform',
        '  ~ Deployment/web (shop)',
        '      spec.containers[web].image: example/web:1 → example/web:2',
        '      spec.text',
        '        - two',
        '        + three',
        '      spec.paused: (absent) → true',
        '  + Service/web (shop)',
      ].join('\n'),
    );
  });

  it('is a table in Markdown', () => {
    expect(differenceAsMarkdown(changes)).toBe(
      [
        '### Manifests: 1 added, 0 removed, 1 changed',
        '',
        '#### `platform`',
        '',
        '| Object | Field: before → after |',
        '| --- | --- |',
        '| changed `Deployment/web (shop)` | `spec.containers[web].image`<br>`example/web:1` → `example/web:2` |',
        '|  | `spec.text`<br>`- two`<br>`+ three` |',
        '|  | `spec.paused`<br>absent → `true` |',
        '| added `Service/web (shop)` |  |',
        '',
      ].join('\n'),
    );
  });

  it('keeps pipes and backticks from breaking the table', () => {
    const [change] = compareOutputs(
      outputs(deployment([], { rule: 'a' })),
      outputs(deployment([], { rule: 'Host(`x`) || b' })),
    );
    expect(differenceAsMarkdown([change!])).toContain('`` Host(`x`) \\|\\| b ``');
  });

  it('is cut where a comment would be too long, and says so', () => {
    const many = Array.from({ length: 3000 }, (_, index) => ({
      place: `folder-${index}`,
      object: 'Service/web',
      change: 'added' as const,
      fields: [],
    }));
    const text = differenceAsMarkdown(many);
    expect(text.length).toBeLessThan(65_536);
    expect(text).toMatch(/\d+ more folders change; run `npm run synth -- --diff` to see all\./);
  });

  it('says when nothing changes', () => {
    expect(differenceAsText([])).toBe('Nothing would change.');
    expect(differenceAsMarkdown([])).toContain('Nothing changes.');
  });
});

describe('a git revision', () => {
  const home = process.cwd();
  let repository: string;
  beforeEach(() => {
    repository = mkdtempSync(join(tmpdir(), 'revision-'));
    process.chdir(repository);
    const git = (...arguments_: string[]) => execFileSync('git', arguments_, { stdio: 'ignore' });
    git('init', '--quiet');
    mkdirSync('dist/platform', { recursive: true });
    writeFileSync('dist/platform/web.yaml', 'kind: Service\n');
    git('add', '.');
    const identity = ['-c', 'user.name=test', '-c', `user.email=${['test', 'example.com'].join('@')}`];
    git(...identity, 'commit', '--quiet', '--message', 'first');
  });
  afterEach(() => {
    process.chdir(home);
    rmSync(repository, { recursive: true, force: true });
  });

  it('gives the files of the folder as they were', () => {
    writeFileSync('dist/platform/web.yaml', 'kind: Deployment\n');
    expect([...readFolderAt('HEAD', 'dist')]).toEqual([['platform/web.yaml', 'kind: Service\n']]);
    expect(readFolderAt('HEAD', 'elsewhere').size).toBe(0);
  });

  it('that does not exist is refused with a sentence', () => {
    expect(() => readFolderAt('nope', 'dist')).toThrow(
      '--against: "nope" is no revision that git knows here; name a branch, a tag or a commit',
    );
  });

  it('is not blamed where git reads no repository', () => {
    rmSync('.git', { recursive: true });
    expect(() => readFolderAt('HEAD', 'dist')).toThrow(
      /^--against: git reads no repository here \(not a git repository/,
    );
  });
});
