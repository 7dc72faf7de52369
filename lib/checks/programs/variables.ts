import { isValidCIDR } from 'ipaddr.js';
import { goDurationSeconds } from '../../kubernetes/schedule/duration';
import { isTimeZone } from '../../kubernetes/schedule/cron';
import { nearestName } from '../../kubernetes/names/nearest-name';
import { inContainer } from '../container-rule';
import { asList } from '../objects/pod-template';
import { podRule, type Rule } from '../rule';

/** Rules of variables whose name says what they hold, and of how those names are spelt. */
export const variableRules: readonly Rule[] = [
  podRule(
    {
      id: 'variables-hold-what-they-name',
      why: 'A script that counts with a text, or a program that is given no range, address or time where it reads one, fails when it is too late.',
      remedy: 'write a value of the form that the name of the variable says',
    },
    function* (pod) {
      for (const container of pod.containers) {
        for (const [index, { name, value }] of asList(container.spec.env).entries()) {
          const form = FORMS.find(({ names }) => names.test(String(name)));
          if (typeof value !== 'string' || !form || form.fits(value)) continue;
          yield inContainer(pod, container, `env[${index}].value`, `${name} is "${value}", which is no ${form.what}`);
        }
      }
    },
  ),
  podRule(
    {
      id: 'variables-are-spelt-alike',
      why: 'A program that finds no variable of the name that it reads takes a default, or ends at once.',
      remedy: 'spell the variable as the program reads it',
    },
    function* (pod) {
      for (const container of pod.containers) {
        const variables = asList(container.spec.env).map(({ name, value }) => ({ name: String(name), value }));
        const stems = variables.map(({ name }) => stemOf(name));
        for (const [index, { name, value }] of variables.entries()) {
          const message = misspeltEnd(name) ?? oddStem(name, stems) ?? notItsService(name, value);
          if (message) yield inContainer(pod, container, `env[${index}].name`, message);
        }
      }
    },
  ),
];

/** What a variable holds, by the end of its name. */
const FORMS: readonly { names: RegExp; what: string; fits: (value: string) => boolean }[] = [
  {
    names: /(^|_)(PORT|PGPORT|DAYS|HOURS|MINUTES|SECONDS|COUNT|REPLICAS|WORKERS|THREADS|AT_LEAST|AT_MOST)$/,
    what: 'whole number',
    fits: (value) => /^\d+$/.test(value),
  },
  {
    names: /(^|_)(TIMEOUT|TTL|INTERVAL|DURATION|MAX_AGE|LIFETIME)$/,
    what: 'number, nor a duration such as 30s',
    fits: (value) => /^\d+(\.\d+)?(ms|s|m|h|d)?$/.test(value) || goDurationSeconds(value) !== undefined,
  },
  {
    names: /(^|_)(CIDR|CIDRS|NETWORK_RANGE|SUBNET)$/,
    what: 'range of addresses such as 10.42.0.0/16',
    fits: (value) => value.split(/[\s,]+/).every((each) => isValidCIDR(each)),
  },
  {
    names: /(^|_)(EMAIL|EMAIL_ADDRESS|MAIL_FROM|MAILTO)$/,
    what: 'e-mail address',
    fits: (value) => /^([^<>@]*<)?[^\s@<>]+@[\w-]+(\.[\w-]+)+>?$/.test(value),
  },
  { names: /^(TZ|PGTZ)$|(^|_)(TIME_ZONE|TIMEZONE)$/, what: 'time zone such as Pacific/Auckland', fits: isTimeZone },
  {
    names: /(^|_)ALLOWED_HOSTS$/,
    what: 'list of hosts, with commas and without spaces',
    fits: (value) => !/\s/.test(value.trim()),
  },
];

/** Words that names of variables mostly end with. */
const ENDS = [
  ...['PASSWORD', 'USERNAME', 'DATABASE', 'DIRECTORY', 'ADDRESS', 'TIMEOUT', 'INTERVAL', 'SECRET', 'TOKEN'],
  ...['HOSTNAME', 'HOSTS', 'ORIGINS', 'SECONDS', 'REPLICAS', 'WORKERS', 'ENVIRONMENT', 'DOMAIN', 'LEVEL'],
];

const endsJudged = new Map<string, string | undefined>();

/** Each name is judged once: variants repeat them. */
function misspeltEnd(name: string): string | undefined {
  if (!endsJudged.has(name)) endsJudged.set(name, judgeEnd(name));
  return endsJudged.get(name);
}

function judgeEnd(name: string): string | undefined {
  const end = /[A-Z]+$/.exec(name)?.[0] ?? '';
  if (end.length < 5 || ENDS.includes(end) || ENDS.some((word) => word === `${end}S` || `${word}S` === end))
    return undefined;
  const near = nearestName(end, ENDS);
  return near !== undefined && Math.abs(near.length - end.length) <= 1 && near[0] === end[0]
    ? `${name} ends with ${end}, and ${near} is near`
    : undefined;
}

const stemOf = (name: string) => /^([A-Z]+)_/.exec(name)?.[1] ?? '';

/** The one variable whose first word is nearly that of three others or more. */
function oddStem(name: string, stems: readonly string[]): string | undefined {
  const stem = stemOf(name);
  if (stem.length < 5 || stems.filter((each) => each === stem).length > 1) return undefined;
  const usual = [...new Set(stems)].filter((each) => stems.filter((other) => other === each).length >= 3);
  const near = nearestName(stem, usual);
  return near === undefined || near === stem ? undefined : `${name} begins with ${stem}, and the others with ${near}`;
}

/** An address of a Service in a variable that is called nearly as the Service is. */
function notItsService(name: string, value: unknown): string | undefined {
  const [, stem] = /^([A-Z]+)_(URL|HOST|ADDRESS)$/.exec(name) ?? [];
  const host = /^(?:\w+:\/\/)?([a-z][a-z0-9-]*)/
    .exec(String(value ?? ''))?.[1]
    ?.replaceAll('-', '')
    .toUpperCase();
  if (stem === undefined || host === undefined || stem === host || stem.length < 4) return undefined;
  const isSwapped = [...stem].sort().join('') === [...host].sort().join('');
  return isSwapped ? `${name} holds the address of ${host.toLowerCase()}, and is spelt otherwise` : undefined;
}
