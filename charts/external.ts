import type { Settings } from '../facts/settings';
import { internet, outsideHosts, podsElsewhere, tcp, udp, type Endpoint } from '../lib/constructs/network/endpoint';

/** CoreDNS, as K3s labels it. */
export const nameServer: Endpoint = podsElsewhere('kube-dns', 'kube-system', { 'k8s-app': 'kube-dns' }, [
  ...udp(53),
  ...tcp(53),
]);

/** K3s' Traefik on its TLS entry point: the pod listens on 8443, its Service on 443. */
export const traefik: Endpoint = podsElsewhere(
  'traefik',
  'kube-system',
  { 'app.kubernetes.io/name': 'traefik' },
  tcp(8443),
);

/** The public name servers that are set, and no other: by a name server of one's own, anything can be carried out. */
export function publicNameServers({ outsideNameServers }: Settings): Endpoint {
  return outsideHosts('public-dns', outsideNameServers, [...udp(53), ...tcp(53)]);
}

/** Google's sign-in and token services. */
export const google: Endpoint = internet('google', tcp(443));

/** Cloudflare's edge: QUIC and, where UDP is blocked, HTTP/2, both on 7844. */
export const cloudflareEdge: Endpoint = internet('cloudflare', [...udp(7844), ...tcp(7844)]);
