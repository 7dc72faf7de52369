import { checkPlatform } from '../../../lib/checks';
import type { SecretContract } from '../../../lib/kubernetes/secret-contract';
import { EMPTY_MODEL } from '../synthesis/empty-model';

const sound: SecretContract = {
  name: 'database',
  namespace: 'shop',
  keys: [
    { name: 'password', description: 'Password of the role.', generate: { length: 40, alphabet: 'alphanumeric' } },
  ],
  readers: ['web'],
};

const found = (...secrets: SecretContract[]) =>
  checkPlatform({ ...EMPTY_MODEL, secrets }, []).map(({ object, field, message }) => `${object} ${field}: ${message}`);

const withKey = (key: Partial<SecretContract['keys'][number]>): SecretContract => ({
  ...sound,
  keys: [{ ...sound.keys[0]!, ...key }],
});

test('a contract that can be fulfilled is agreed to', () => {
  expect(found(sound)).toEqual([]);
});

test.each<[string, SecretContract, RegExp]>([
  ['a password of four characters', withKey({ generate: { length: 4, alphabet: 'alphanumeric' } }), /keys\["password"\]\.generate\.length: 4 characters can be found/],
  ['a key of sessions that AES does not take', withKey({ name: 'cookie-secret', generate: { length: 33, alphabet: 'alphanumeric' } }), /keys\["cookie-secret"\]\.generate\.length: 33 characters are no key of AES/],
  ['an empty description', withKey({ description: '' }), /keys\["password"\]\.description: the description is ""/],
  ['a key with a space', withKey({ name: 'client id' }), /"client id" is no name of a key/],
  ['a name with a capital', { ...sound, name: 'Database' }, /Secret\/Database name: "Database" is no name/],
  ['a Secret of Argo CD without its label', { ...sound, namespace: 'argocd' }, /Argo CD finds its Secrets by this label/],
  ['a contract without a reader', { ...sound, readers: [] }, /readers: nobody reads it/],
  ['a token that is made up', withKey({ name: 'token' }), /keys\["token"\]\.generate: token is handed out by another/],
  ['a repository without a way in', { ...sound, namespace: 'argocd', labels: { 'argocd.argoproj.io/secret-type': 'repository' }, keys: [{ name: 'url', description: 'Where it is, in full.' }] }, /keys: with url Argo CD cannot sign in anywhere/],
  ['a repository with halves of two ways in', { ...sound, namespace: 'argocd', labels: { 'argocd.argoproj.io/secret-type': 'repository' }, keys: ['url', 'githubAppID', 'sshPrivateKey'].map((name) => ({ name, description: 'Handed out by GitHub.' })) }, /keys: with url, githubAppID, sshPrivateKey Argo CD cannot sign in/],
  ['a type that Argo CD does not look for', { ...sound, namespace: 'argocd', labels: { 'argocd.argoproj.io/secret-type': 'repos' } }, /"repos" is no type of Secret/],
])('%s is refused', (_, contract, message) => {
  expect(found(contract)).toEqual([expect.stringMatching(message)]);
}); // prettier-ignore

test('a reader that is no component is refused', () => {
  const files = [{ path: 'platform/web.yaml', component: 'web', objects: [] }];
  const contracts = [sound, { ...sound, name: 'other', readers: ['wep'] }];
  expect(checkPlatform({ ...EMPTY_MODEL, secrets: contracts }, files)).toEqual([
    expect.objectContaining({ object: 'Secret/other', message: 'there is no component wep; web is near' }),
  ]);
});

test('twins are refused', () => {
  expect(found(sound, sound)).toEqual([expect.stringMatching(/two contracts have this name/)]);
});

test('a key that nothing reads is refused', () => {
  const model = { ...EMPTY_MODEL, secrets: [sound], unreadSecretKeys: ['django-api: secret-key'] };
  expect(checkPlatform(model, [])).toEqual([
    expect.objectContaining({
      object: 'Secret/django-api',
      field: 'keys["secret-key"]',
      message: expect.stringMatching(/nothing reads it/),
    }),
  ]);
});

test('a repository of Argo CD has its address, and is where Argo CD looks', () => {
  const labels = { 'argocd.argoproj.io/secret-type': 'repository' };
  expect(found({ ...sound, namespace: 'argocd', labels })).toEqual([expect.stringMatching(/by the key url/)]);
  expect(found({ ...sound, labels })).toEqual([expect.stringMatching(/looks in argocd alone, and not in shop/)]);
});
