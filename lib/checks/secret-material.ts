import { X509Certificate } from 'node:crypto';
import type { PlainFile } from '../constructs/platform-model';
import type { Finding } from './finding';
import { objectRule, podRule, type Rule } from './rule';
import { asList } from './objects/pod-template';
import { inContainer } from './container-rule';

/** Texts that are secrets, or personal, wherever they stand. */
const FORMS: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['an e-mail address', /(?<![\w.%+-]|:\/\/)[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}/],
  ['a private key', /-----BEGIN [A-Z ]*PRIVATE KEY-----|AGE-SECRET-KEY-1/],
  ['a password inside an address', /[a-z][a-z0-9+.-]*:\/\/[^\s:/@$]*:[^\s:/@$]+@/],
  [
    'a password inside an address',
    /[a-z][a-z0-9+.-]*:\/\/\S*[?&;](?:password|passwd|pwd|token|access_token|secret|api_?key)=[^\s&$<{]/i,
  ],
  [
    'an access token',
    /\b(?:AKIA[0-9A-Z]{16}|gh[pousr]_\w{20,}|github_pat_\w{20,}|xox[abprs]-\S{10,}|AIza[\w-]{30,}|dckr_pat_\S{10,}|gl(?:c|sa|pat)[_-]\S{16,})/,
  ],
  ['a signed or tunnel token', /\beyJ[\w-]{16,}/],
];

/** Rules that keep secrets out of the repository. */
export const secretMaterialRules: readonly Rule[] = [
  objectRule(
    {
      id: 'secrets-are-not-rendered',
      why: 'What is in dist/ is in git for ever, readable by everyone who can read the repository.',
      remedy: 'declare a secret contract instead; Ansible seeds the Secret from the vault',
    },
    function* (at) {
      if (at.object.kind === 'Secret') yield { at, field: 'kind', message: 'a Secret object would be committed' };
    },
  ),
  objectRule(
    {
      id: 'no-secret-material',
      why: 'A credential that was pushed once must be changed everywhere.',
      remedy: 'move it to a secret contract and read it from the Secret',
    },
    function* (at) {
      for (const { field, text } of textsIn(at.object, '')) {
        const name = secretIn(text);
        if (name) yield { at, field, message: `the text looks like ${name}` };
      }
    },
  ),
  podRule(
    {
      id: 'credentials-come-from-secrets',
      why: 'A literal value of a variable that is a credential is a credential in git.',
      remedy: 'use valueFrom.secretKeyRef with a key of a secret contract',
    },
    function* (pod) {
      for (const container of pod.containers) {
        for (const [index, { name, value }] of asList(container.spec.env).entries()) {
          if (typeof value !== 'string' || !isCredential(String(name))) continue;
          if (value === '' || value.startsWith('/') || value.startsWith('$(')) continue;
          yield inContainer(pod, container, `env[${index}].value`, `the value of ${name} is written out`);
        }
      }
    },
  ),
];

/** Words of which one makes the name of a variable that of a credential, wherever it stands in the name. */
const CREDENTIAL =
  /(^|_)(PASSWORD|PASSWD|PASSPHRASE|PASS|PWD|PW|PGPASS|SECRETS?|TOKENS?|CREDENTIALS?|(PRIVATE|API|ACCESS|SECRET|SIGNING|ENCRYPTION|MASTER|AUTH)_?KEY|DSN|SALT)(_|\d|$)/i;

/** Names that say where a credential is, or how it is handled, and not what it is. */
const ABOUT_CREDENTIALS =
  /_(FILE|PATH|DIR|FOLDER|NAME|URL|TTL|LIFETIME|EXPIRY|TIMEOUT|LENGTH|ALGORITHM|TYPE|ID|POLICY|HEADER|MAX|MIN)$/i;

function isCredential(name: string): boolean {
  return (
    (CREDENTIAL.test(name) || /PGPASS|(PASSWORD|PASSWD|SECRET|TOKEN)$/i.test(name)) && !ABOUT_CREDENTIALS.test(name)
  );
}

const judged = new Map<string, string | undefined>();

/** What secret a text holds, if it seems to hold one. Most texts of manifests occur many times, and are judged once. */
function secretIn(text: string): string | undefined {
  if (!judged.has(text)) judged.set(text, judge(text));
  return judged.get(text);
}

function judge(text: string): string | undefined {
  for (const [name, pattern] of FORMS) if (pattern.test(text)) return name;
  const random = withoutCertificates(text)
    .split(/[^A-Za-z0-9+/=_-]+/)
    .find(isRandom);
  return random ? 'a random key' : undefined;
}

/** A certificate is public. What only stands between its two lines, and is none, stays. */
function withoutCertificates(text: string): string {
  if (!text.includes('-----BEGIN CERTIFICATE-----')) return text;
  return text.replace(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g, (pem) =>
    isCertificate(pem) ? '' : pem,
  );
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).serialNumber !== '';
  } catch {
    return false;
  }
}

/**
 * Words and names repeat letters; keys do not. A base64 text of 32 characters has 4.5 bits or more of Shannon entropy a
 * character where it is random; hexadecimal digests stay at 4 and below and are let pass.
 */
function isRandom(word: string): boolean {
  if (word.length < 32 || !/[0-9]/.test(word) || !/[a-z]/.test(word) || !/[A-Z]/.test(word) || word.includes('/'))
    return false;
  const counts = new Map<string, number>();
  for (const letter of word) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  const bits = [...counts.values()].reduce(
    (sum, count) => sum - (count / word.length) * Math.log2(count / word.length),
    0,
  );
  return bits >= 4.3;
}

function* textsIn(value: unknown, field: string): Iterable<{ field: string; text: string }> {
  if (typeof value === 'string') yield { field, text: value };
  if (value === null || typeof value !== 'object') return;
  for (const [key, item] of Object.entries(value)) {
    const path = Array.isArray(value)
      ? `${field}[${key}]`
      : /^[\w-]+$/.test(key)
        ? `${field}${field && '.'}${key}`
        : `${field}["${key}"]`;
    yield* textsIn(item, path);
  }
}

/** The same for files that hold no objects; one finding a line. */
export function secretsInPlainFiles(files: readonly PlainFile[]): Finding[] {
  return files.flatMap(({ path, content }) =>
    content.split('\n').flatMap((line, index) => {
      const name = secretIn(line);
      const rule = 'no-secret-material';
      if (!name) return [];
      const message = `the line looks like ${name}`;
      return [
        {
          rule,
          component: path,
          file: path,
          field: `line ${index + 1}`,
          message,
          remedy: 'read it from the environment instead',
        },
      ];
    }),
  );
}
