import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { settings } from '../../facts/settings';
import { containerOf, environmentOf, inPlatform, platformFiles } from './rendered';

const CHAIN = 'traefik.ingress.kubernetes.io/router.middlewares';
const chainOf = (ingress: string) => inPlatform('Ingress', ingress).metadata.annotations?.[CHAIN]?.split(',');

describe('ingresses', () => {
  it('are three, with four middlewares', () => {
    const gateway = platformFiles.find(({ path }) => path === 'platform/gateway.yaml')!.objects;
    const names = (kind: string) =>
      gateway.filter((object) => object.kind === kind).map(({ metadata }) => metadata.name);
    expect(names('Ingress')).toEqual(['front-end', 'api', 'auth']);
    expect(names('Middleware').sort()).toEqual(['django-cors', 'oauth-forwarder', 'oauth-signin', 'secure-headers']);
  });

  it('put the sign-in page around the forwarder on the front end', () => {
    expect(chainOf('front-end')).toEqual(['ahuora_oauth-signin@kubernetescrd', 'ahuora_oauth-forwarder@kubernetescrd']);
  });

  it('answer preflights of the API before anybody is asked to sign in', () => {
    expect(chainOf('api')).toEqual(['ahuora_django-cors@kubernetescrd', 'ahuora_oauth-forwarder@kubernetescrd']);
  });

  it('leave the auth host open', () => {
    expect(chainOf('auth')).toBeUndefined();
  });

  it('lead each host to its service', () => {
    interface Rule {
      host: string;
      http: { paths: { path: string; backend: { service: { name: string } } }[] };
    }
    const routes = ['front-end', 'api', 'auth'].flatMap((name) =>
      inPlatform('Ingress', name).spec.rules.map(
        ({ host, http }: Rule) => `${host}${http.paths[0]!.path} ${http.paths[0]!.backend.service.name}`,
      ),
    );
    expect(routes).toEqual([
      'ahuora.org.nz/ front-end',
      'api.ahuora.org.nz/ django-api',
      'auth.ahuora.org.nz/ oauth2-proxy',
      'ahuora.org.nz/oauth2 oauth2-proxy',
    ]);
  });
});

describe('middlewares', () => {
  it('allow credentials from the front end alone', () => {
    const { headers } = inPlatform('Middleware', 'django-cors').spec;
    expect(headers.accessControlAllowOriginList).toEqual(['https://ahuora.org.nz']);
    expect(headers.accessControlAllowCredentials).toBe(true);
    expect(headers.accessControlAllowMethods).toContain('PATCH');
  });

  it('take every identity header that a client sends', () => {
    const { customRequestHeaders } = inPlatform('Middleware', 'secure-headers').spec.headers;
    expect(customRequestHeaders).toMatchObject({ 'X-Auth-Request-Email': '', 'X-Auth-Request-User': '' });
    expect(new Set(Object.values(customRequestHeaders))).toEqual(new Set(['']));
    expect(inPlatform('Middleware', 'oauth-forwarder').spec.forwardAuth.authResponseHeadersRegex).toBe(
      '^X-Auth-Request-',
    );
  });
});

describe("K3s' Traefik", () => {
  const { metadata, spec } = inPlatform('HelmChartConfig', 'traefik');
  const values = parse(spec.valuesContent);

  it('is configured where K3s looks for it', () => {
    expect(metadata.namespace).toBe('kube-system');
  });

  it.each([
    '--providers.kubernetescrd.safenaming=true',
    '--entrypoints.websecure.http.aliasheadersstrategy=reject',
    '--entrypoints.websecure.forwardedheaders.trustedips=10.42.0.0/16',
    '--entrypoints.websecure.http.middlewares=ahuora_secure-headers@kubernetescrd',
    '--accesslog=true',
  ])('is started with %s', (argument) => {
    expect(values.additionalArguments).toContain(argument);
  });

  it('can tell LAN clients from the tunnel by their address', () => {
    expect(values.service.spec.externalTrafficPolicy).toBe('Local');
  });
});

describe('oauth2-proxy', () => {
  const deployment = inPlatform('Deployment', 'oauth2-proxy');
  const configuration = inPlatform('ConfigMap', 'oauth2-proxy-config').data['oauth2-proxy.cfg'] as string;

  it('takes client id, client secret and cookie secret from a Secret', () => {
    expect(environmentOf(deployment)).toEqual({
      OAUTH2_PROXY_CLIENT_ID: 'oauth2-proxy/client-id',
      OAUTH2_PROXY_CLIENT_SECRET: 'oauth2-proxy/client-secret',
      OAUTH2_PROXY_COOKIE_SECRET: 'oauth2-proxy/cookie-secret',
    });
  });

  it('admits only the listed addresses, from a file of the Secret', () => {
    expect(containerOf(deployment).volumeMounts).toContainEqual({
      name: 'oauth2-proxy-authorised-emails',
      mountPath: '/etc/oauth2-proxy/emails',
      readOnly: true,
    });
    expect(configuration).toContain('authenticated_emails_file = "/etc/oauth2-proxy/emails/authorised-emails"');
    expect(configuration).not.toContain('email_domains');
  });

  it('sets a cookie for all hosts that no script and no plain connection gets', () => {
    for (const line of ['cookie_secure = true', 'cookie_httponly = true', 'cookie_domains = [".ahuora.org.nz"]']) {
      expect(configuration).toContain(line);
    }
  });

  it('gives a session of a working day, and asks the provider again within it', () => {
    expect(configuration).toContain(`cookie_expire = "${settings.session.hours}h"`);
    expect(configuration).toContain(`cookie_refresh = "${settings.session.refreshMinutes}m"`);
    expect(settings.session.hours).toBeLessThanOrEqual(12);
    const page = readFileSync(join(__dirname, '..', '..', 'docs', 'gateway.md'), 'utf8');
    expect(page).toContain(`is good for ${settings.session.hours} hours`);
    expect([settings.session.refreshMinutes, page.includes('After half an hour of use')]).toEqual([30, true]);
  });

  it('runs on the node that reaches Google', () => {
    expect(deployment.spec.template.spec.nodeSelector['kubernetes.io/hostname']).toBe('control');
  });
});
