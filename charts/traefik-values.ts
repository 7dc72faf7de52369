import { stringify } from 'yaml';
import { parseImage } from '../lib/kubernetes/image';
import { images } from '../facts/images';
import type { Settings } from '../facts/settings';

/**
 * Values for the Helm chart of Traefik that K3s installs. Traefik's own options are given as arguments, because their names
 * belong to Traefik's version, pinned here, and not to the chart's.
 *
 * @param entryMiddleware middleware of every route on the TLS entry point
 */
export function traefikValues(settings: Settings, entryMiddleware: string): string {
  const { registry, repository, tag, digest } = parseImage(images.traefik)!;
  return stringify(
    {
      // The chart takes the digest as part of the tag.
      image: { registry, repository, tag: [tag, digest].filter(Boolean).join('@') },
      // Without requests it would be the first to starve on a busy node, and every latency would contain that.
      resources: { requests: { cpu: '250m', memory: '128Mi' }, limits: { memory: '512Mi' } },
      // Next to the tunnel, and one fixed address for the LAN.
      nodeSelector: { 'kubernetes.io/hostname': settings.internetNode },
      // Keeps the addresses of LAN clients apart from those of pods, so that trust in the latter is not trust in the former.
      service: { spec: { externalTrafficPolicy: 'Local' } },
      // A Service in front of its figures, which Prometheus reads.
      ...(settings.signals.enabled && { metrics: { prometheus: { service: { enabled: true } } } }),
      additionalArguments: traefikArguments(settings, entryMiddleware),
    },
    { lineWidth: 0 },
  );
}

/** Options: https://doc.traefik.io/traefik/reference/install-configuration/configuration-options/ */
function traefikArguments({ podNetwork }: Settings, entryMiddleware: string): string[] {
  return [
    // Names of routers and services that no object of another namespace can take.
    '--providers.kubernetescrd.safenaming=true',
    '--providers.kubernetescrd.allowcrossnamespace=false',
    '--providers.kubernetesingress.strictprefixmatching=true',
    // X_Auth_Request_Email and X.Auth.Request.Email reach a WSGI server as the very variable of X-Auth-Request-Email.
    '--entrypoints.websecure.http.aliasheadersstrategy=reject',
    // The tunnel's pods say who their client was; nobody else is believed.
    `--entrypoints.websecure.forwardedheaders.trustedips=${podNetwork}`,
    `--entrypoints.websecure.http.middlewares=${entryMiddleware}`,
    '--entrypoints.web.http.redirections.entrypoint.to=:443',
    '--entrypoints.web.http.redirections.entrypoint.scheme=https',
    '--entrypoints.web.http.redirections.entrypoint.permanent=true',
    '--accesslog=true',
    '--accesslog.format=json',
    '--accesslog.fields.headers.defaultmode=drop',
    '--accesslog.fields.headers.names.User-Agent=keep',
    '--accesslog.fields.queryparameters.defaultmode=drop',
  ];
}
