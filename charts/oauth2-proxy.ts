import { ConfigFiles } from '../lib/constructs/config-files';
import { serviceEndpoint } from '../lib/constructs/network/endpoint';
import { httpGet, type Probes } from '../lib/constructs/pod/probe';
import { WebService } from '../lib/constructs/workload/web-service';
import { google, publicNameServers } from './external';
import { images } from '../facts/images';
import { FOUNDATION } from './namespace';
import { AhuoraComponent, type Platform } from './platform';
import { secrets } from '../facts/secrets';
import type { Settings } from '../facts/settings';

export const oauth2Proxy = serviceEndpoint('oauth2-proxy', 4180);

/** Name of the session cookie. The prefix makes browsers refuse it unless it is Secure. */
export const SESSION_COOKIE = '__Secure-ahuora';

const CONFIG = '/etc/oauth2-proxy/config';
const EMAILS = '/etc/oauth2-proxy/emails';

/**
 * Decides who may pass: Google says who somebody is, a list from a Secret says who may come in. It talks to Google, so it
 * runs on the node that reaches the internet.
 */
export class OAuth2Proxy extends AhuoraComponent {
  constructor(platform: Platform) {
    super(platform, 'oauth2-proxy');
    const { internetNode, outsideNameServers } = platform.settings;
    const config = new ConfigFiles(this, 'oauth2-proxy-config', {
      'oauth2-proxy.cfg': configuration(platform.settings),
    });
    new WebService(this, {
      image: images.oauth2Proxy,
      args: [`--config=${CONFIG}/oauth2-proxy.cfg`],
      port: oauth2Proxy.port,
      probes: PROBES,
      environment: {
        OAUTH2_PROXY_CLIENT_ID: secrets.oauth2Proxy.key('client-id'),
        OAUTH2_PROXY_CLIENT_SECRET: secrets.oauth2Proxy.key('client-secret'),
        OAUTH2_PROXY_COOKIE_SECRET: secrets.oauth2Proxy.key('cookie-secret'),
      },
      mounts: [
        { kind: 'config', config, path: CONFIG },
        { kind: 'secret', reference: secrets.oauth2Proxy.key('authorised-emails'), path: EMAILS },
      ],
      // The mounted list is readable by the pod's group.
      volumeGroup: 65532,
      priorityClass: FOUNDATION,
      host: internetNode,
      fallbackNameServers: outsideNameServers,
      // The image has no program to sleep with and needs none: the kubelet itself waits.
      preStopSleepSeconds: 5,
      resources: { cpu: { request: '100m', limit: '1' }, memory: { request: '64Mi', limit: '128Mi' } },
      connects: [google, publicNameServers(platform.settings)],
    });
  }
}

const PROBES: Probes = {
  startup: { action: httpGet('/ping', oauth2Proxy.port), periodSeconds: 1, timeoutSeconds: 2, failureThreshold: 60 },
  readiness: { action: httpGet('/ready', oauth2Proxy.port), periodSeconds: 5, timeoutSeconds: 2, failureThreshold: 3 },
  liveness: { action: httpGet('/ping', oauth2Proxy.port), periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 },
};

/** Options: https://oauth2-proxy.github.io/oauth2-proxy/configuration/overview. Client id and secrets come as variables. */
function configuration({ hosts, cookieDomain, session, podNetwork }: Settings): string {
  return [
    `http_address = "0.0.0.0:${oauth2Proxy.port}"`,
    '',
    '# Traefik asks for every request; nothing is proxied onward.',
    'reverse_proxy = true',
    `trusted_proxy_ips = ["${podNetwork}"]`,
    'upstreams = ["static://202"]',
    'set_xauthrequest = true',
    '',
    'provider = "google"',
    'scope = "openid email profile"',
    'code_challenge_method = "S256"',
    `redirect_url = "https://${hosts.auth}/oauth2/callback"`,
    '',
    '# Only listed addresses may sign in; no domain as a whole.',
    `authenticated_emails_file = "${EMAILS}/authorised-emails"`,
    '',
    `cookie_name = "${SESSION_COOKIE}"`,
    `cookie_domains = ["${cookieDomain}"]`,
    'cookie_secure = true',
    'cookie_httponly = true',
    'cookie_samesite = "lax"',
    `cookie_expire = "${session.hours}h"`,
    `cookie_refresh = "${session.refreshMinutes}m"`,
    '# Two tabs that sign in at once do not spoil each other.',
    'cookie_csrf_per_request = true',
    'cookie_csrf_expire = "10m"',
    '',
    '# Where a sign-in may lead back to.',
    `whitelist_domains = ["${hosts.frontEnd}", "${hosts.auth}"]`,
    '',
    'request_logging = false',
    'silence_ping_logging = true',
    '',
  ].join('\n');
}
