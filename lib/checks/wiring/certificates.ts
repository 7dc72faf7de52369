import { filesOf } from '../objects/calls';
import { asList, podField, WORDS, type PodTemplate } from '../objects/pod-template';
import type { Scope } from '../objects/scope';
import type { SecretContract, SecretKey } from '../../kubernetes/secret-contract';
import { wiringRule, type Rule } from '../rule';

/** Rules of the certificates that Ansible issues: whose they are, and who is told of them. */
export const certificateRules: readonly Rule[] = [
  wiringRule(
    {
      id: 'certificates-name-their-service',
      why: 'A client that checks the name of the server refuses a certificate of another.',
      remedy: 'issue it under the name of the Service (facts/secrets.ts), and mount that one',
    },
    function* (scope, { secrets }) {
      for (const pod of scope.pods) {
        const services = servicesOf(scope, pod);
        for (const { field, key, path } of mountedKeys(pod, secrets)) {
          if (key.issued?.what !== 'server') continue;
          const { names } = key.issued;
          const missing = services.find((name) => !names.includes(name));
          if (missing === undefined) continue;
          const message = `the certificate ${path} is of ${names.join(', ')}, and clients call ${missing}`;
          yield { at: pod.at, field, message };
        }
      }
    },
  ),
  wiringRule(
    {
      id: 'authorities-are-named',
      why: 'A program that is not told by which authority it knows a server believes anybody, or nobody.',
      remedy: 'name the file of the authority, and no other, where the program looks for one',
    },
    function* (scope, { secrets }) {
      for (const pod of scope.pods) {
        const keys = mountedKeys(pod, secrets);
        const texts = textsOf(scope, pod);
        for (const { field, key, path } of keys) {
          if (key.issued?.what !== 'authority' || texts.some(({ text }) => text.includes(path))) continue;
          yield { at: pod.at, field, message: `nothing that the pod is told names the authority ${path}` };
        }
        for (const { at, field, text } of texts) {
          for (const [, path] of text.matchAll(AUTHORITY_FILE)) {
            const named = keys.find((each) => each.path === path);
            if (!named || named.key.issued?.what === 'authority') continue;
            yield { at, field, message: `${path} is no certificate of an authority` };
          }
          for (const [, path] of text.matchAll(KEY_FILE)) {
            const named = keys.find((each) => each.path === path);
            if (!named || named.key.issued?.what === 'server') continue;
            yield {
              at,
              field,
              message: `${path} holds no private key of a server`,
              remedy: 'name the file that Ansible issues for the server',
            };
          }
        }
      }
    },
  ),
];

/** Settings by which libpq, PgBouncer and Postgres are told the authority. */
const AUTHORITY_FILE =
  /(?:^|\n)\s*(?:PGSSLROOTCERT|server_tls_ca_file|client_tls_ca_file|ssl_ca_file)\s*=\s*'?([^\s']+)/g;

/** Settings by which they are told the certificate of their own, and its key. */
const KEY_FILE =
  /(?:^|\n)\s*(?:client_tls_key_file|client_tls_cert_file|ssl_key_file|ssl_cert_file)\s*=\s*'?([^\s']+)/g;

interface MountedKey {
  readonly field: string;
  readonly path: string;
  readonly key: SecretKey;
}

/** Keys of contracts that a pod mounts as files. */
function mountedKeys(pod: PodTemplate, secrets: readonly SecretContract[]): MountedKey[] {
  return asList(pod.spec.volumes).flatMap(({ name, secret }, index) => {
    const contract = secrets.find((each) => each.name === secret?.secretName && each.namespace === pod.namespace);
    if (!contract) return [];
    const folders = pod.containers.flatMap(({ spec }) =>
      asList(spec.volumeMounts).flatMap((mount) => (mount.name === name ? (mount.mountPath ?? []) : [])),
    );
    return asList(secret?.items).flatMap((item) => {
      const key = contract.keys.find((each) => each.name === item.key);
      const field = podField(pod, `volumes[${index}].secret`);
      return key ? [...new Set(folders)].map((folder) => ({ field, key, path: `${folder}/${item.path}` })) : [];
    });
  });
}

function textsOf(scope: Scope, pod: PodTemplate) {
  const ofContainers = pod.containers.flatMap(({ spec, field }) => [
    ...asList(spec.env).map(({ name, value }, index) => ({
      at: pod.at,
      field: `${field}.env[${index}].value`,
      text: `${name}=${value ?? ''}`,
    })),
    ...WORDS.flatMap((list) =>
      ((spec[list] ?? []) as readonly unknown[]).map((part, index) => ({
        at: pod.at,
        field: `${field}.${list}[${index}]`,
        text: String(part),
      })),
    ),
  ]);
  return [...ofContainers, ...filesOf(scope, pod)];
}

function servicesOf(scope: Scope, pod: PodTemplate): string[] {
  return scope
    .ofKind('Service')
    .filter(({ namespace, object }) => {
      const selector = Object.entries<string>(object.spec?.selector ?? {});
      return (
        namespace === pod.namespace &&
        selector.length > 0 &&
        selector.every(([label, value]) => pod.labels[label] === value)
      );
    })
    .map(({ object }) => object.metadata.name);
}
