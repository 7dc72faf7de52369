import { inFile } from './mutation';

/** The way in: sign-in, hosts, middlewares, Traefik and OAuth2 Proxy. */
export const gatewayMutations = [
  ...inFile(
    'charts/gateway.ts',
    [
      'middlewares: [signIn, forwarder],',
      'middlewares: [signIn],',
      /Ingress\/front-end spec\.rules.* without forwardAuth/,
    ],
    ['middlewares: [cors, forwarder],', 'middlewares: [cors],', /Ingress\/api spec\.rules.* without forwardAuth/],
    ['middlewares: [cors, forwarder],', 'middlewares: [],', /Ingress\/api .* without forwardAuth/],
    [
      'middlewares: [cors, forwarder],',
      'middleware: [cors, forwarder],',
      /charts\/gateway\.ts:\d+:\d+: .*'middleware'/,
    ],
    [
      'middlewares: [cors, forwarder],',
      'middlewares: [forwarder, cors],',
      /the CORS middleware comes after forwardAuth/,
    ],
    [
      'middlewares: [signIn, forwarder],',
      'middlewares: [forwarder, signIn],',
      /errors middleware comes after forwardAuth/,
    ],
    ['leadsToAuthority: true,', 'leadsToAuthority: false,', /sign-in-is-not-behind-itself/],
    ['leadsToAuthority: true,', '', /sign-in-is-not-behind-itself/],
    [
      '{ host: hosts.auth, to: oauth2Proxy },',
      '{ host: hosts.auth, to: djangoApi },',
      /Ingress\/auth .*reaches django-api without/,
    ],
    [
      '{ host: hosts.auth, to: oauth2Proxy },',
      '{ host: hosts.auth, to: oauth2Proxy, pth: "/" },',
      /gateway\.ts.*'pth'/,
    ],
    ["path: '/oauth2', to: oauth2Proxy }", "path: '/', to: oauth2Proxy }", /hosts-are-unique/],
    ["path: '/oauth2', to: oauth2Proxy }", "path: '/oauth2', to: frontEnd }", /reaches front-end without forwardAuth/],
    [
      'routes: [{ host: hosts.api, to: djangoApi }],',
      'routes: [{ host: hosts.frontEnd, to: djangoApi }],',
      /hosts-are-unique/,
    ],
    [
      'routes: [{ host: hosts.api, to: djangoApi }],',
      "routes: [{ host: 'API', to: djangoApi }],",
      /"API" is not a host name/,
    ],
    ['routes: [{ host: hosts.api, to: djangoApi }],', 'routes: [],', /it has no route/],
    ['authority: oauth2Proxy,', 'authority: frontEnd,', /front-end/],
    ["signInName: 'oauth-signin',", "signinName: 'oauth-signin',", /gateway\.ts.*signinName/],
    [
      'accessControlMaxAge: 600,',
      "accessControlMaxAge: '600',",
      /gateway\.ts.*not assignable|accessControlMaxAge: "600" stands where an integer is expected/,
    ],
    ['frameDeny: true,', 'frameDenny: true,', /gateway\.ts.*frameDenny/],
    [
      "'traefik', { namespace: 'kube-system' })",
      "'traefic', { namespace: 'kube-system' })",
      /traefic acts as cluster-admin/,
    ],
    ["'traefik', { namespace: 'kube-system' })", "'traefik', { namespace: 'kube-sistem' })", /kube-sistem/],
  ),
  ...inFile(
    'lib/constructs/gateway/forward-auth.ts',
    [
      'address: `${origin}${prefix}/auth`,',
      'address: `${origin}/ping`,',
      /Middleware\/oauth-forwarder spec\.forwardAuth\.address/,
    ],
    [
      'address: `${origin}${prefix}/auth`,',
      'address: `${origin}${prefix}/auth`, trustForwardHeader: true,',
      /spec\.forwardAuth\.trustForwardHeader/,
    ],
    [
      '.svc.cluster.local:${authority.port}',
      '.svc.cluster.local:${authority.port + 1}',
      /port 4181 of Service\/oauth2-proxy/,
    ],
    [
      "authResponseHeadersRegex: '^X-Auth-Request-',",
      "authResponseHeaderRegex: '^X-Auth-Request-',",
      /authResponseHeaderRegex/,
    ],
    ['http://${authority.host}.', 'http://${authority.host}x.', /oauth2-proxyx/],
    [
      "export const FORWARDER = 'oauth-forwarder';",
      "export const FORWARDER = 'oauth_forwarder';",
      /"oauth_forwarder" is not a name/,
    ],
  ),
  ...inFile(
    'lib/constructs/gateway/public-ingress.ts',
    [
      "ingressClassName: 'traefik',",
      "ingressClassName: 'nginx',",
      /spec\.ingressClassName: the ingress class is nginx/,
    ],
    [
      "router.entrypoints': 'websecure',",
      "router.entrypoints': 'web',",
      /router\.entrypoints"\]: the entry point is web/,
    ],
    ["router.entrypoints': 'websecure',", "router.entrypoint': 'websecure',", /router\.entrypoint/],
    ['tls: [{ hosts: hostsOf(routes) }],', '', /spec\.tls: the host/],
    [
      "'traefik.ingress.kubernetes.io/router.middlewares';",
      "'traefik.ingress.kubernetes.io/router.middleware';",
      /without forwardAuth|no use for this annotation/,
    ],
    ["pathType: 'Prefix',", "pathType: 'Prefx',", /Ingress\/\S+ spec\.rules\S*pathType/],
    ['? [] : [defaultForwarder(component)]', '? [] : []', /public-ingress|without forwardAuth/],
  ).filter(({ to }) => to !== '? [] : []'),
  ...inFile(
    'lib/constructs/gateway/middleware.ts',
    [
      '`${namespace}_${name}@kubernetescrd`',
      '`${namespace}-${name}@kubernetescrd`',
      /there is no middleware|without forwardAuth/,
    ],
    ['`${namespace}_${name}@kubernetescrd`', '`${namespace}_${name}`', /there is no middleware/],
  ),
  ...inFile(
    'charts/traefik-values.ts',
    [
      "'--providers.kubernetescrd.allowcrossnamespace=false'",
      "'--providers.kubernetescrd.allowcrossnamespace=true'",
      /HelmChartConfig\/traefik .*allowcrossnamespace/,
    ],
    [
      "'--providers.kubernetescrd.safenaming=true'",
      "'--providers.kubernetescrd.safenaming=false'",
      /HelmChartConfig\/traefik|there is no middleware/,
    ],
    [
      "'--entrypoints.websecure.http.aliasheadersstrategy=reject'",
      "'--entrypoints.websecure.http.aliasheadersstrategy=keep'",
      /HelmChartConfig\/traefik .*aliasheadersstrategy/,
    ],
    [
      'forwardedheaders.trustedips=${podNetwork}`',
      'forwardedheaders.insecure=true`',
      /HelmChartConfig\/traefik .*insecure/,
    ],
    [
      'forwardedheaders.trustedips=${podNetwork}`',
      'forwardedheaders.trustedips=0.0.0.0/0`',
      /HelmChartConfig\/traefik .*trustedips/,
    ],
    ['`--entrypoints.websecure.http.middlewares=${entryMiddleware}`,', '', /HelmChartConfig\/traefik .*middlewares/],
    ["'--accesslog=true',", "'--accesslog=true', '--api.insecure=true',", /HelmChartConfig\/traefik .*api\.insecure/],
    [
      "'--entrypoints.web.http.redirections.entrypoint.scheme=https'",
      "'--entrypoints.web.http.redirections.entrypoint.scheme=http'",
      /HelmChartConfig\/traefik .*redirections/,
    ],
  ),
  ...inFile(
    'charts/oauth2-proxy.ts',
    [
      '`http_address = "0.0.0.0:${oauth2Proxy.port}"`,',
      '`http_address = "0.0.0.0:4181"`,',
      /ConfigMap\/oauth2-proxy-config .*listens on 4181/,
    ],
    ["'cookie_secure = true',", "'cookie_secure = false',", /ConfigMap\/oauth2-proxy-config .*cookie_secure/],
    ["'cookie_httponly = true',", "'cookie_httponly = false',", /ConfigMap\/oauth2-proxy-config .*cookie_httponly/],
    [
      '`authenticated_emails_file = "${EMAILS}/authorised-emails"`,',
      '\'email_domains = ["*"]\',',
      /ConfigMap\/oauth2-proxy-config .*email/,
    ],
    [
      '`trusted_proxy_ips = ["${podNetwork}"]`,',
      '\'trusted_proxy_ips = ["0.0.0.0/0"]\',',
      /ConfigMap\/oauth2-proxy-config .*trusted_proxy_ips/,
    ],
    [
      '`cookie_domains = ["${cookieDomain}"]`,',
      '\'cookie_domains = [".example.org"]\',',
      /ConfigMap\/oauth2-proxy-config .*cookie_domains/,
    ],
    [
      "'request_logging = false',",
      "'request_logging = false', 'skip_auth_routes = [\"^/\"]',",
      /ConfigMap\/oauth2-proxy-config .*skip_auth_routes/,
    ],
    [
      'redirect_url = "https://${hosts.auth}/oauth2/callback"`',
      'redirect_url = "https://login.ahuora.org.nz/oauth2/callback"`',
      /no route answers for login\.ahuora\.org\.nz/,
    ],
    [
      '\'code_challenge_method = "S256"\',',
      '\'code_challenge_method = "plain"\',',
      /ConfigMap\/oauth2-proxy-config .*code_challenge_method/,
    ],
    ["serviceEndpoint('oauth2-proxy', 4180)", "serviceEndpoint('oauth2-prxy', 4180)", /oauth2-prxy/],
    ['host: internetNode,', '', /Deployment\/oauth2-proxy .*nodeSelector: the pod calls the internet/],
    ["secrets.oauth2Proxy.key('client-id')", "secrets.oauth2Proxy.key('client-idd')", /client-idd/],
  ),
];
