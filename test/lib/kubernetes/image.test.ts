import { imageName, imagesIn, parseImage } from '../../../lib/kubernetes/image';

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;

test.each([
  ['postgres:16.4', 'docker.io', 'library/postgres', '16.4'],
  ['ahuora/idaes:0.0.10', 'docker.io', 'ahuora/idaes', '0.0.10'],
  ['docker.io/redis:8', 'docker.io', 'library/redis', '8'],
  ['index.docker.io/library/redis:8', 'docker.io', 'library/redis', '8'],
  ['quay.io/argoproj/argocd:v3.2.11', 'quay.io', 'argoproj/argocd', 'v3.2.11'],
  ['localhost/a:1', 'localhost', 'a', '1'],
  ['registry:5000/a/b:1', 'registry:5000', 'a/b', '1'],
  ['192.0.2.1:5000/a', '192.0.2.1:5000', 'a', undefined],
  [
    'ecr-public.aws.com/docker/library/redis:8.2.2-alpine',
    'ecr-public.aws.com',
    'docker/library/redis',
    '8.2.2-alpine',
  ],
  ['library/postgres', 'docker.io', 'library/postgres', undefined],
  ['a__b/c-d.e:_x', 'docker.io', 'a__b/c-d.e', '_x'],
])('%s', (image, registry, repository, tag) => {
  expect(parseImage(image)).toEqual({ registry, repository, ...(tag ? { tag } : {}) });
  expect(parseImage(`${image}@${DIGEST}`)).toEqual({
    registry,
    repository,
    ...(tag ? { tag } : {}),
    digest: DIGEST,
  });
});

test.each([
  '',
  'Postgres:16',
  'Ahuora/idaes:1',
  'postgres:',
  'postgres:16.4@sha256:abc',
  `postgres:16.4@${DIGEST}0`,
  `postgres@sha512:${'0'.repeat(128)}`,
  'postgres:16 4',
  '/postgres:1',
  'postgres/:1',
  'a//b:1',
  'https://quay.io/a:1',
])('"%s" is none', (image) => {
  expect(parseImage(image)).toBeUndefined();
});

test('the full name leaves out tag and digest', () => {
  expect(imageName(parseImage(`postgres:16.4@${DIGEST}`)!)).toBe('docker.io/library/postgres');
});

test("images are found as text and as the parts that charts' values have, at any depth", () => {
  expect(
    imagesIn({
      image: { registry: 'docker.io', repository: 'traefik', tag: 'v3', pullPolicy: 'Always' },
      redis: { image: { repository: 'docker.io/library/redis' } },
      list: [{ image: 'a:1' }, { image: { registry: '', repository: 'b', tag: null, digest: DIGEST } }],
      global: { image: { tag: 'v1' } },
    }),
  ).toEqual(['docker.io/traefik:v3', 'docker.io/library/redis', 'a:1', `b@${DIGEST}`]);
});
