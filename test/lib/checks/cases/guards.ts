import type { Loose } from '../../../fixtures/loose';
import { stringify } from 'yaml';
import { find, type SoundPlatform } from '../sound-platform';
import { deployment, inWeb, pod, web, type Case } from './case';

const GUARDED = [
  '--providers.kubernetescrd.safenaming=false',
  '--providers.kubernetescrd.allowcrossnamespace=false',
  '--providers.kubernetesingress.strictprefixmatching=true',
  '--entrypoints.websecure.http.aliasheadersstrategy=reject',
  '--entrypoints.websecure.forwardedheaders.trustedips=10.42.0.0/16',
];
const CONFIG = [
  'reverse_proxy = true',
  'set_xauthrequest = true',
  'upstreams = ["static://202"]',
  'code_challenge_method = "S256"',
  'authenticated_emails_file = "/etc/emails"',
  'cookie_secure = true',
  'cookie_httponly = true',
  'cookie_samesite = "lax"',
  'cookie_expire = "12h"',
  'cookie_refresh = "1h"',
  'cookie_domains = [".shop.example.com"]',
];

function traefik(additionalArguments: string[], resources?: object) {
  return (p: SoundPlatform): Loose =>
    p.files[2]!.objects.push({
      apiVersion: 'helm.cattle.io/v1',
      kind: 'HelmChartConfig',
      metadata: { name: 'traefik', namespace: 'kube-system' },
      spec: { valuesContent: stringify({ additionalArguments, resources }) },
    });
}

/** A policy that lets addresses of a range open Traefik. */
const callers = (cidr: string, port = 8443) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'callers', namespace: 'kube-system' },
  spec: {
    podSelector: { matchLabels: { 'app.kubernetes.io/name': 'traefik' } },
    policyTypes: ['Ingress'],
    ingress: [{ from: [{ ipBlock: { cidr } }], ports: [{ port, protocol: 'TCP' }] }],
  },
});

const ENTRY_HEADERS = {
  contentSecurityPolicy: "base-uri 'self'; object-src 'none'; frame-ancestors 'none'",
  stsSeconds: 31_536_000,
  contentTypeNosniff: true,
  customRequestHeaders: Object.fromEntries(
    ['X-Auth-Request-User', 'X-Auth-Request-Email', 'X-Forwarded-User', 'X-Forwarded-Email'].map((name) => [name, '']),
  ),
};

function entryMiddleware(headers: object) {
  return (p: SoundPlatform): Loose =>
    p.files[2]!.objects.push({
      apiVersion: 'traefik.io/v1alpha1',
      kind: 'Middleware',
      metadata: { name: 'entry', namespace: 'shop' },
      spec: { headers },
    });
}

function file(name: string, text: string) {
  return (p: SoundPlatform): void => {
    find(p, 'ConfigMap/pooler').data[name] = text;
  };
}

export const guardCases: readonly Case[] = [
  ...[
    ['12h', '168h', /cookie_expire is "168h"/],
    ['cookie_expire = "12h"\n', '', /cookie_expire is not set/],
    ['"12h"', '"1440m1s"', /cookie_expire is "1440m1s"/],
    ['"12h"', '"0s"', /cookie_expire is "0s"/],
    ['"12h"', '"a while"', /cookie_expire is "a while"/],
    ['"1h"', '"12h"', /cookie_refresh is "12h"/],
    ['"1h"', '"0"', /cookie_refresh is "0"/],
    ['cookie_refresh = "1h"\n', '', /cookie_refresh is not set/],
  ].map(([from, to, message]): Case => ({
    rule: 'sign-in-is-not-loosened',
    when: `${String(from).trim()} becomes ${String(to) || 'nothing'}`,
    breakIt: file('oauth2-proxy.cfg', CONFIG.join('\n').replace(from as string, to as string)),
    object: 'ConfigMap/pooler',
    message: message as RegExp,
  })),
  ...[
    ['contentSecurityPolicy', "object-src 'none'", /base-uri is left to every page/],
    ['contentSecurityPolicy', undefined, /frame-ancestors is left to every page/],
    [
      'contentSecurityPolicy',
      "base-uri 'self'; x-object-src y; frame-ancestors 'none'",
      /object-src is left to every page/,
    ],
    ['stsSeconds', 60, /for half a year/],
    ['contentTypeNosniff', false, /may guess/],
    ['customRequestHeaders', { 'X-Forwarded-User': 'x' }, /X-Forwarded-User of who it is/],
  ].map(([header, value, message]): Case => ({
    rule: 'traefik-keeps-its-guards',
    when: `${String(header)} of the entry point is ${JSON.stringify(value)}`,
    breakIt: (p) => {
      entryMiddleware({ ...ENTRY_HEADERS, [header as string]: value })(p);
      traefik([...GUARDED, '--entrypoints.websecure.http.middlewares=shop_entry@kubernetescrd'])(p);
    },
    object: 'Middleware/entry',
    field: `spec.headers.${String(header)}`,
    message: message as RegExp,
  })),
  {
    rule: 'traefik-keeps-its-guards',
    when: 'headers of aliases are kept',
    breakIt: traefik(GUARDED.map((text) => text.replace('=reject', '=keep'))),
    object: 'HelmChartConfig/traefik',
    field: 'spec.valuesContent: additionalArguments',
    message: /aliasheadersstrategy is keep/,
  },
  {
    rule: 'traefik-keeps-its-guards',
    when: 'everybody is believed about where a request comes from',
    breakIt: traefik(GUARDED.map((text) => text.replace('10.42.0.0/16', '0.0.0.0/0'))),
    object: 'HelmChartConfig/traefik',
    message: /trustedips: 0\.0\.0\.0\/0 is not the network of the pods/,
  },
  ...(
    [
      ['cookies are logged', '--accesslog.fields.headers.names.Cookie=keep', /writes sessions into the log/],
      ['all headers are logged', '--accesslog.fields.headers.defaultmode=keep', /headers\.defaultmode is keep/],
    ] as const
  ).map(([when, argument, message]) => ({
    rule: 'traefik-keeps-its-guards',
    when,
    breakIt: traefik([...GUARDED, '--accesslog=true', argument]),
    object: 'HelmChartConfig/traefik',
    field: 'spec.valuesContent: additionalArguments',
    message,
  })),
  ...(
    [
      ['no policy names who may open Traefik', undefined, 'HelmChartConfig/traefik', /every pod is believed/],
      [
        'the LAN may not open the entry point with TLS',
        '192.168.100.0/24',
        'NetworkPolicy/callers',
        /192\.168\.100\.0\/24 may open 8000, and not 8443/,
        8000,
      ],
      ['every pod may open Traefik', '10.0.0.0/8', 'NetworkPolicy/callers', /10\.0\.0\.0\/8 holds addresses of pods/],
    ] as const
  ).map(([when, cidr, object, message, port]) => ({
    rule: 'who-is-believed-is-known',
    when,
    breakIt: (p: SoundPlatform) => {
      traefik(GUARDED)(p);
      if (cidr) p.files[2]!.objects.push(callers(cidr, port));
    },
    object,
    message,
  })),
  ...(
    [
      ['a node port', { service: { type: 'NodePort' } }, 'service.type', /the Service is a NodePort/],
      [
        'the address of a node',
        { service: { spec: {} } },
        'service.spec.externalTrafficPolicy',
        /clients of the LAN appear as pods/,
      ],
      [
        'an entry point of its own',
        { ports: { traefik: { expose: { default: true } } } },
        'ports.traefik.expose.default',
        /opened to the LAN/,
      ],
    ] as const
  ).map(([what, values, field, message]) => ({
    rule: 'traefik-keeps-its-guards',
    when: `clients come by ${what}`,
    breakIt: (p: SoundPlatform) => {
      traefik(GUARDED)(p);
      p.files[2]!.objects.at(-1)!.spec.valuesContent = stringify({ additionalArguments: GUARDED, ...values });
    },
    object: 'HelmChartConfig/traefik',
    field: `spec.valuesContent: ${field}`,
    message,
  })),
  {
    rule: 'traefik-keeps-its-guards',
    when: 'the API of Traefik is open',
    breakIt: traefik([...GUARDED, '--api.insecure=true']),
    object: 'HelmChartConfig/traefik',
    message: /--api\.insecure=true opens/,
  },
  {
    rule: 'traefik-keeps-its-guards',
    when: 'Traefik asks for nothing',
    breakIt: traefik(GUARDED),
    object: 'HelmChartConfig/traefik',
    field: 'spec.valuesContent: resources.requests.cpu',
    message: /starves first/,
  },
  ...(
    [
      ['the cookie may go over plain HTTP', 'cookie_secure = true', 'cookie_secure = false', /cookie_secure is false/],
      [
        'some paths need no session',
        'reverse_proxy = true',
        'reverse_proxy = true\nskip_auth_routes = ["^/"]',
        /skip_auth_routes/,
      ],
      [
        'everybody of a domain may sign in',
        'set_xauthrequest = true',
        'set_xauthrequest = true\nemail_domains = ["*"]',
        /email_domains/,
      ],
      [
        'the cookie is for other hosts',
        '".shop.example.com"',
        '".example.org"',
        /cookie_domains: \.example\.org does not cover/,
      ],
    ] as const
  ).map(([when, from, to, message]): Case => ({
    rule: 'sign-in-is-not-loosened',
    when,
    breakIt: file('proxy.cfg', CONFIG.join('\n').replace(from, to)),
    object: 'ConfigMap/pooler',
    field: 'data["proxy.cfg"]',
    message,
  })),
  {
    rule: 'memory-holds-what-is-kept-in-it',
    when: 'a volume in memory has no limit',
    breakIt: (p) => (pod(p).volumes[0].emptyDir = { medium: 'Memory' }),
    object: deployment,
    field: 'spec.template.spec.volumes[0].emptyDir',
    message: /has no sizeLimit/,
  },
  {
    rule: 'memory-holds-what-is-kept-in-it',
    when: 'a volume in memory leaves the process too little',
    breakIt: (p) => {
      pod(p).volumes[0].emptyDir = { medium: 'Memory', sizeLimit: '200Mi' };
      web(p).resources.limits.memory = '256Mi';
    },
    object: deployment,
    field: inWeb('resources.limits.memory'),
    message: /200 MiB are kept in memory/,
  },
  {
    rule: 'database-settings-fit',
    when: 'an amount has no unit',
    breakIt: file('postgresql.conf', 'port = 8080\nshared_buffers = 512\n'),
    object: 'ConfigMap/pooler',
    field: 'data["postgresql.conf"]',
    message: /shared_buffers = 512 has no unit; write one, as in 512MB/,
  },
  {
    rule: 'database-settings-fit',
    when: 'the node keeps less for it than its buffers',
    breakIt: (p) => {
      file('postgresql.conf', 'port = 8080\nshared_buffers = 32MB\n')(p);
      find(p, 'Deployment/pooler').spec.template.spec.containers[0].resources.requests.memory = '16Mi';
    },
    object: 'ConfigMap/pooler',
    field: 'data["postgresql.conf"]',
    message: /shared_buffers of 32 MiB is more than the 16 MiB/,
  },
  {
    rule: 'database-settings-fit',
    when: 'the buffers are larger than the memory allows',
    breakIt: file('postgresql.conf', 'port = 8080\nshared_buffers = 4GB\n'),
    object: 'ConfigMap/pooler',
    field: 'data["postgresql.conf"]',
    message: /shared_buffers of 4096 MiB is more than 40 %/,
  },
  ...(
    [
      ['pg_hba.conf', 'host all all 10.42.0.0/16 trust', /asks with trust/],
      ['pg_hba.conf', 'hostssl all,replication all 10.42.0.0/16 scram-sha-256', /copy the whole server/],
      ['pg_hba.conf', 'host all all 0.0.0.0/0 scram-sha-256', /admits every address/],
      ['postgresql.conf', 'password_encryption = md5', /weak digest/],
      ['postgresql.conf', 'fsync = off', /loses or damages data/],
      ['settings.ini', 'auth_type = any', /without a strong password/],
      ['settings.ini', 'query_wait_timeout = 0', /a client waits for ever/],
      ['pg_hba.conf', 'host all all 10.42.0.0/16 scram-sha-256', /lets the superuser in/],
      [
        'pg_hba.conf',
        'host all postgres ::/0 reject\nhost all all 10.42.0.0/16 scram-sha-256\nhost all postgres 0.0.0.0/0 reject',
        /"host all all 10\.42\.0\.0\/16 scram-sha-256" lets the superuser in/,
      ],
    ] as const
  ).map(([name, text, message]): Case => ({
    rule: 'databases-ask-for-passwords',
    when: `${name} says ${text}`,
    breakIt: file(name, text),
    object: 'ConfigMap/pooler',
    field: `data["${name}"]`,
    message,
  })),
];
