import type { PlatformModel } from '../constructs/platform-model';
import type { SecretContract, SecretKey } from '../kubernetes/secret-contract';
import { nearestName } from '../kubernetes/names/nearest-name';
import type { Finding } from './finding';

const RULE = 'contracts-can-be-fulfilled';
/** Fewer characters of 62 can be found by trying: 16 of them are 95 bits. */
const LEAST_CHARACTERS = 16;
/** AES takes keys of these many bytes: https://oauth2-proxy.github.io/oauth2-proxy/configuration/overview#generating-a-cookie-secret */
const COOKIE_SECRET_BYTES = [16, 24, 32];
/** Source: https://argo-cd.readthedocs.io/en/stable/operator-manual/declarative-setup/ */
const ARGO_CD_SECRETS = ['repository', 'repo-creds', 'repository-write', 'repo-write-creds', 'cluster'];
const ARGO_CD_LABEL = 'argocd.argoproj.io/secret-type';

/**
 * What is wrong with the contracts of Secrets themselves: what Ansible makes of them must be a Secret, and what a person reads
 * must say what is wanted.
 */
export function contractFindings(
  { secrets, unreadSecretKeys = [] }: PlatformModel,
  components: ReadonlySet<string>,
): Finding[] {
  const seen = new Set<string>();
  const unread = unreadSecretKeys.map((text): Finding => {
    const [name, key] = text.split(': ');
    return {
      rule: RULE,
      component: 'secrets',
      file: 'secrets.json',
      object: `Secret/${name}`,
      field: `keys["${key}"]`,
      message: 'nothing reads it, so whoever was meant to reads another or none',
      remedy: 'read it where it was meant, or take it out of the contract (facts/secrets.ts)',
    };
  });
  const wrong = secrets.flatMap((contract) => {
    const name = `${contract.namespace}/${contract.name}`;
    const twin = seen.has(name);
    seen.add(name);
    return [
      ...(twin ? [finding(contract, 'name', 'two contracts have this name', 'rename one of them')] : []),
      ...nameFindings(contract),
      ...labelFindings(contract),
      ...readerFindings(contract, components),
      ...contract.keys.flatMap((key) => [...keyFindings(contract, key)]),
    ];
  });
  return [...wrong, ...unread];
}

function nameFindings(contract: SecretContract): Finding[] {
  if (/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(contract.name)) return [];
  return [finding(contract, 'name', `"${contract.name}" is no name of a Secret`, 'use a-z, 0-9 and dashes')];
}

/** Readers are components, by their name or with the name of one of their pods. */
function readerFindings(contract: SecretContract, components: ReadonlySet<string>): Finding[] {
  if (contract.readers.length === 0)
    return [finding(contract, 'readers', 'nobody reads it', 'name who does, or remove the contract')];
  return contract.readers.flatMap((reader, index) => {
    if (components.size === 0 || components.has(reader)) return [];
    const near = nearestName(reader, [...components]);
    const message = `there is no component ${reader}${near === undefined ? '' : `; ${near} is near`}`;
    return [finding(contract, `readers[${index}]`, message, 'name the component that reads it')];
  });
}

function labelFindings(contract: SecretContract): Finding[] {
  // Argo CD looks for its Secrets by this label alone.
  if (contract.namespace === 'argocd' && contract.labels?.[ARGO_CD_LABEL] === undefined) {
    const message = 'Argo CD finds its Secrets by this label, and it has none';
    return [finding(contract, `labels["${ARGO_CD_LABEL}"]`, message, `write one of ${ARGO_CD_SECRETS.join(', ')}`)];
  }
  if (contract.namespace !== 'argocd' && contract.labels?.[ARGO_CD_LABEL] !== undefined) {
    const message = `Argo CD looks in argocd alone, and not in ${contract.namespace}`;
    return [finding(contract, 'namespace', message, 'move the Secret to argocd')];
  }
  const type = contract.labels?.[ARGO_CD_LABEL] ?? '';
  const isRepository = /^repo/.test(type) && ARGO_CD_SECRETS.includes(type);
  if (isRepository && !contract.keys.some(({ name }) => name === 'url')) {
    const message = 'Argo CD knows a repository by the key url, and there is none';
    return [finding(contract, 'keys', message, 'add the key url')];
  }
  const keys = contract.keys.map((key) => key.name);
  const begun = WAYS_IN.filter((way) => way.some((name) => keys.includes(name)));
  if (isRepository && !(begun.length === 1 && begun[0]!.every((name) => keys.includes(name)))) {
    const message = `with ${keys.join(', ')} Argo CD cannot sign in anywhere`;
    const remedy = `write one of these together: ${WAYS_IN.map((way) => way.join(', ')).join('; ')}`;
    return [finding(contract, 'keys', message, remedy)];
  }
  return Object.entries(contract.labels ?? {}).flatMap(([key, value]) => {
    if (key !== ARGO_CD_LABEL || ARGO_CD_SECRETS.includes(value)) return [];
    const message = `"${value}" is no type of Secret that Argo CD looks for`;
    return [finding(contract, `labels["${key}"]`, message, `write one of ${ARGO_CD_SECRETS.join(', ')}`)];
  });
}

/** How Argo CD signs in at a repository: https://argo-cd.readthedocs.io/en/stable/user-guide/private-repositories/ */
const WAYS_IN = [
  ['githubAppID', 'githubAppInstallationID', 'githubAppPrivateKey'],
  ['username', 'password'],
  ['sshPrivateKey'],
];
/** Keys that somebody else hands out. */
const HANDED_OUT = /^(token|client-id|client-secret|githubApp\w+)$/;

/** Check security.W009: https://docs.djangoproject.com/en/stable/ref/checks/#security. */
const LEAST_OF_DJANGO = 50;

function* keyFindings(contract: SecretContract, { name, description, generate }: SecretKey): Iterable<Finding> {
  const field = `keys["${name}"]`;
  if (!/^[-._a-zA-Z0-9]+$/.test(name)) {
    yield finding(
      contract,
      field,
      `"${name}" is no name of a key`,
      'use letters, digits, dashes, dots and underscores',
    );
  }
  if (description.trim().length < 10) {
    const remedy = 'say in a sentence what the value is, for whoever fills the vault';
    yield finding(contract, `${field}.description`, `the description is "${description}"`, remedy);
  }
  if (!generate) return;
  if (HANDED_OUT.test(name))
    yield finding(
      contract,
      `${field}.generate`,
      `${name} is handed out by another, who knows no other one`,
      'leave it out',
    );
  const isCookie = /cookie-secret$/.test(name);
  if (isCookie && !COOKIE_SECRET_BYTES.includes(generate.length)) {
    const message = `${generate.length} characters are no key of AES`;
    yield finding(contract, `${field}.generate.length`, message, `write ${COOKIE_SECRET_BYTES.join(', ')}`);
  } else if (/(^|-)secret-key$/.test(name) && generate.length < LEAST_OF_DJANGO) {
    const message = `${generate.length} characters are fewer than Django asks of a SECRET_KEY`;
    yield finding(contract, `${field}.generate.length`, message, `write ${LEAST_OF_DJANGO} or more`);
  } else if (!Number.isInteger(generate.length) || generate.length < LEAST_CHARACTERS) {
    const message = `${generate.length} characters can be found by trying`;
    yield finding(contract, `${field}.generate.length`, message, `write ${LEAST_CHARACTERS} or more, such as 40`);
  }
}

function finding({ name, readers }: SecretContract, field: string, message: string, remedy: string): Finding {
  return {
    rule: RULE,
    component: readers[0] ?? 'secrets',
    file: 'secrets.json',
    object: `Secret/${name}`,
    field,
    message,
    remedy: `${remedy}, in the contract (facts/secrets.ts or facts/delivery-secrets.ts)`,
  };
}

/** For the page of rules, since these findings are of no object. */
export const contractRule = {
  id: RULE,
  why: 'A value that is too short, or of a wrong length, is made all the same; and nobody can give what is not described.',
  remedy: 'correct the contract in facts/secrets.ts or facts/delivery-secrets.ts',
};
