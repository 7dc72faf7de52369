import { inFile } from '../mutation';

/** At the ways in, and of who may talk to whom. */
// prettier-ignore
export const wellMeantGateway = [
  ...inFile(
    "charts/gateway.ts",
    ["  'X-Forwarded-Email',\n", "", /Middleware\/secure-headers.*what a client says in X-Forwarded-Email of who it is reaches.*\[traefik-keeps-its-guards\]/],
    ["accessControlMaxAge: 600,", "accessControlMaxAge: 6_000_000,", /Middleware\/django-cors.*6000000 s: no browser keeps an answer longer than a day.*\[headers-mean-something\]/],
    ["\"base-uri 'self'; object-src 'none'; frame-ancestors 'none'\"", "\"default-src * 'unsafe-inline' 'unsafe-eval'\"", /Middleware\/secure-headers.*base-uri is left to every page.*\[traefik-keeps-its-guards\]/],
    ["{ host: hosts.auth, to: oauth2Proxy },", "{ host: hosts.auth, to: oauth2Proxy },\n        { host: hosts.auth, path: '/admin', to: djangoApi },", /Ingress\/auth.*auth\.ahuora\.org\.nz\/admin reaches django-api without forwardAuth.*\[public-routes-ask-for-sign-in\]/],
    ["metadata: this.objectMetadata('traefik', { namespace: 'kube-system' }),", "metadata: this.objectMetadata('traefik-config', { namespace: 'kube-system' }),", /HelmChartConfig\/traefik-config.*HelmChartConfig\/kube-system\/traefik-config acts as.*\[administrators-are-listed\]/],
  ),
  ...inFile(
    "charts/traefik-values.ts",
    ["'--accesslog=true',", "'--accesslog=true', '--api.dashboard=true',", /HelmChartConfig\/traefik.*additionalArguments: --api\.dashboard=true opens what sign-in.*\[traefik-keeps-its-guards\]/],
    ["'--accesslog.fields.headers.names.User-Agent=keep',", "'--accesslog.fields.headers.names.User-Agent=keep', '--accesslog.fields.headers.names.Cookie=keep',", /HelmChartConfig\/traefik.*additionalArguments:.*\[traefik-keeps-its-guards\]/],
    ["'--accesslog.fields.queryparameters.defaultmode=drop',", "'--accesslog.fields.queryparameters.defaultmode=keep',", /HelmChartConfig\/traefik.*additionalArguments:.*\[traefik-keeps-its-guards\]/],
    ["'--accesslog=true',", "'--accesslog=true', '--providers.file.directory=/etc/traefik',", /HelmChartConfig\/traefik.*additionalArguments: --providers\.file\.directory=\/etc\/traefik.*\[traefik-keeps-its-guards\]/],
    ["'--accesslog=true',", "'--accesslog=true', '--experimental.plugins.geoblock.modulename=github.com/PascalMinder/geoblock',", /HelmChartConfig\/traefik.*additionalArguments:.*\[traefik-keeps-its-guards\]/],
    ["nodeSelector: { 'kubernetes.io/hostname': settings.internetNode },", "nodeSelector: { 'kubernetes.io/hostname': settings.internetNode }, ingressRoute: { dashboard: { enabled: true } },", /HelmChartConfig\/traefik.*ingressRoute\.dashboard: the pages of a program about itself are.*\[chart-values-ask-for-no-more\]/],
    ["nodeSelector: { 'kubernetes.io/hostname': settings.internetNode },", "nodeSelector: { 'kubernetes.io/hostname': settings.internetNode }, podSecurityContext: { runAsUser: 0, runAsNonRoot: false },", /HelmChartConfig\/traefik.*podSecurityContext\.runAsUser: the program is root.*\[chart-values-ask-for-no-more\]/],
  ),
  ...inFile(
    "charts/network.ts",
    ["...LOAD_GENERATORS }, ports: tcp(8443) }", "...LOAD_GENERATORS }, ports: tcp(8443, 8080) }", /NetworkPolicy\/traefik-callers.*nothing that it selects listens on 8080.*\[policies-open-what-listens\]/],
    ["{ 'svccontroller.k3s.cattle.io/svcname': 'traefik' },", "{ 'svccontroller.k3s.cattle.io/svcname': 'traefik-ingress' },", /NetworkPolicy\/traefik-callers.*K3s balances no Service traefik-ingress.*\[policies-open-what-listens\]/],
    ["from: { namespace: component.componentNamespace, ...from },", "from,", /NetworkPolicy\/traefik-callers.*no pod has the labels app\.kubernetes\.io\/name=cloudflared.*\[network-policies-select-pods\]/],
  ),
  ...inFile(
    "lib/constructs/network/endpoint.ts",
    ["addresses.map((address) => `${address}/32`)", "addresses.map((address) => `${address}/8`)", /Deployment\/cloudflared.*no NetworkPolicy lets the pod ask 1\.1\.1\.1 by UDP and TCP.*\[name-servers-are-reached\]/],
    ["'100.64.0.0/10', ", "", /NetworkPolicy\/alloy-metrics.*100\.64\.0\.0\/10 is a private network, and it is not left out.*\[network-policies-name-parties\]/],
  ),
  ...inFile(
    "lib/constructs/network/network-policies.ts",
    ["({ port: k8s.IntOrString.fromNumber(port), protocol })", "({ port: k8s.IntOrString.fromNumber(port) })", /Deployment\/cloudflared.*no NetworkPolicy lets the pod reach Cloudflare's edge on.*\[programs-reach-what-they-serve\]/],
    ["return { to: toPolicyPeers(endpoint.peer), ports: toPorts(endpoint) };", "return { to: toPolicyPeers(endpoint.peer) };", /Deployment\/cloudflared.*no NetworkPolicy lets the pod reach Cloudflare's edge on.*\[programs-reach-what-they-serve\]/],
    ["({ port: k8s.IntOrString.fromNumber(port), protocol })", "({ port: k8s.IntOrString.fromNumber(port), endPort: 65535, protocol })", /NetworkPolicy\/alloy-metrics.*a range of ports, or every one, is open.*\[network-policies-name-parties\]/],
    ["ports: toPorts(connections[0].to),", "ports: toPorts(connections[0].to).concat({ port: k8s.IntOrString.fromNumber(22) }),", /NetworkPolicy\/django-api.*nothing that it selects listens on 22.*\[policies-open-what-listens\]/],
  ),
];
