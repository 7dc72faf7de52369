import { nearestName } from '../../kubernetes/names/nearest-name';
import { inContainer } from '../container-rule';
import { asList, type ContainerOfPod, type PodTemplate } from '../objects/pod-template';
import { podRule, wiringRule, type Rule, type Violation } from '../rule';
import { programOf } from './written-options';

/** Rules of the variables by which programs are given credentials, and are told how they shall run. */
export const credentialRules: readonly Rule[] = [
  podRule(
    {
      id: 'credentials-belong-together',
      why: 'The password of one role lets another in nowhere, and one name for two roles is one role.',
      remedy: 'take the name and the password of a role from one Secret, and each role from its own',
    },
    function* (pod) {
      for (const container of pod.containers) {
        const read = readFromSecrets(container);
        for (const { index, name, part, key } of read) {
          if (!(part === 'password' ? /^(user(name)?|login|name)$/ : /pass|secret|token/i).test(key)) continue;
          yield inContainer(pod, container, `env[${index}]`, `${name} is read from the key ${key}`);
        }
        for (const { index, name, stem, part, secret } of read) {
          const twin = part === 'password' && read.find((each) => each.stem === stem && each.part === 'user');
          if (!twin || twin.secret === secret) continue;
          const message = `${name} is of the Secret ${secret}, and ${twin.name} of ${twin.secret}`;
          yield inContainer(pod, container, `env[${index}]`, message);
        }
        for (const { index, name, part, secret, key } of read) {
          const other = read.find(
            (each) => each.index < index && each.part === part && each.secret === secret && each.key === key,
          );
          if (part !== 'user' || !other) continue;
          const message = `${name} and ${other.name} are both ${key} of the Secret ${secret}`;
          yield inContainer(pod, container, `env[${index}]`, message);
        }
      }
    },
  ),
  podRule(
    {
      id: 'variables-are-read',
      why: 'A program passes over a variable that it does not know, and does as if nothing had been said.',
      remedy:
        'correct the name: https://www.postgresql.org/docs/16/libpq-envars.html, https://hub.docker.com/_/postgres',
    },
    function* (pod) {
      for (const container of pod.containers) {
        const isPostgres = programOf(container.spec) === 'postgres';
        for (const [index, { name }] of asList(container.spec.env).entries()) {
          const text = String(name);
          const known = /^PG[A-Z]/.test(text) ? LIBPQ : isPostgres && text.startsWith('POSTGRES_') ? OF_THE_IMAGE : [];
          if (known.length === 0 || known.includes(text)) continue;
          const near = nearestName(text, known);
          // What is not near to any may well be a variable of another program.
          if (near === undefined && known === LIBPQ) continue;
          const message = `nothing reads ${text}${near === undefined ? '' : `; ${near} is near`}`;
          yield inContainer(pod, container, `env[${index}].name`, message);
        }
      }
    },
  ),
  wiringRule(
    {
      id: 'one-key-signs-for-one-program',
      why: 'Containers that sign with one SECRET_KEY are one program: another image among them has neither its commands nor its tables.',
      remedy: 'name the same image wherever the key is read',
    },
    function* (scope) {
      const images = new Map<string, string>();
      for (const pod of [...scope.pods].sort((a, b) => Number(a.isTask) - Number(b.isTask))) {
        for (const container of pod.containers) {
          const { name, key } =
            asList(container.spec.env).find((each) => each.name === 'SECRET_KEY')?.valueFrom?.secretKeyRef ?? {};
          if (name === undefined) continue;
          const image = String(container.spec.image);
          const first = images.get(`${name}/${key}`) ?? image;
          images.set(`${name}/${key}`, first);
          if (first === image) continue;
          yield inContainer(pod, container, 'image', `${image} signs with the key of ${first}`);
        }
      }
    },
  ),
  podRule(
    {
      id: 'programs-run-for-production',
      why: 'A program that is told to be under development shows its settings and its code to whoever makes it fail.',
      remedy: 'tell it that this is production, or leave the variable out',
    },
    function* (pod) {
      for (const container of pod.containers) yield* underDevelopment(pod, container);
    },
  ),
];

interface ReadVariable {
  readonly index: number;
  readonly name: string;
  /** What is before `USER` and `PASSWORD`. */
  readonly stem: string;
  readonly part: 'user' | 'password';
  readonly secret: string;
  readonly key: string;
}

function readFromSecrets({ spec }: ContainerOfPod): ReadVariable[] {
  return asList(spec.env).flatMap(({ name, valueFrom }, index) => {
    const [, stem, word] = /^(.*?)_?(USER|USERNAME|LOGIN|PASSWORD|PASS|PASSWD)$/.exec(String(name)) ?? [];
    const { name: secret, key } = valueFrom?.secretKeyRef ?? {};
    if (stem === undefined || secret === undefined) return [];
    const part = word!.startsWith('PASS') ? ('password' as const) : ('user' as const);
    return [{ index, name: String(name), stem, part, secret: String(secret), key: String(key) }];
  });
}

/** Source: https://www.postgresql.org/docs/16/libpq-envars.html, and the server's own folder. */
const LIBPQ = [
  ...['HOST', 'HOSTADDR', 'PORT', 'DATABASE', 'USER', 'PASSWORD', 'PASSFILE', 'REQUIREAUTH', 'CHANNELBINDING'],
  ...['SERVICE', 'SERVICEFILE', 'OPTIONS', 'APPNAME', 'SSLMODE', 'REQUIRESSL', 'SSLCOMPRESSION', 'SSLCERT', 'SSLKEY'],
  ...['SSLCERTMODE', 'SSLROOTCERT', 'SSLCRL', 'SSLCRLDIR', 'SSLSNI', 'REQUIREPEER', 'SSLMINPROTOCOLVERSION'],
  ...['SSLMAXPROTOCOLVERSION', 'GSSENCMODE', 'KRBSRVNAME', 'GSSLIB', 'GSSDELEGATION', 'CONNECT_TIMEOUT'],
  ...['CLIENTENCODING', 'TARGETSESSIONATTRS', 'LOADBALANCEHOSTS', 'DATESTYLE', 'TZ', 'GEQO', 'SYSCONFDIR', 'LOCALEDIR'],
  ...['DATA', 'CTLTIMEOUT'],
].map((name) => `PG${name}`);

/** Source: https://hub.docker.com/_/postgres. */
const OF_THE_IMAGE = [
  ...['POSTGRES_PASSWORD', 'POSTGRES_USER', 'POSTGRES_DB', 'POSTGRES_INITDB_ARGS'].flatMap((name) => [
    name,
    `${name}_FILE`,
  ]),
  ...['POSTGRES_INITDB_WALDIR', 'POSTGRES_HOST_AUTH_METHOD'],
];

function* underDevelopment(pod: PodTemplate, container: ContainerOfPod): Iterable<Violation> {
  for (const [index, { name, value }] of asList(container.spec.env).entries()) {
    if (typeof value !== 'string') continue;
    const isMode = /(^|_)(ENV|ENVIRONMENT|RUNTIME_MODE|APP_MODE|STAGE)$/.test(String(name));
    const isSwitch = /(^|_)DEBUG$/.test(String(name));
    const isOn = isMode
      ? /^(dev|devel|development|debug|test|testing|local)$/i.test(value)
      : /^(1|true|on|yes)$/i.test(value);
    if (!(isMode || isSwitch) || !isOn) continue;
    yield inContainer(pod, container, `env[${index}].value`, `${name} is "${value}"`);
  }
}
