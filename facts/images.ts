/**
 * Every image of the platform, one line each. Renovate reads the comment and rewrites tag and digest; nothing else names
 * either.
 * Nodes pull through the mirror on the ingress node, which holds the credentials of the private repositories.
 */
// With its digest a line is longer than others may be, and Renovate writes it as one.
// prettier-ignore
export const images = {
  djangoApi: 'ahuora/django-api:0.0.17', // renovate: datasource=docker depName=ahuora/django-api versioning=docker
  idaes: 'ahuora/idaes:0.0.10', // renovate: datasource=docker depName=ahuora/idaes versioning=docker
  frontEnd: 'ahuora/front-end:0.0.1', // renovate: datasource=docker depName=ahuora/front-end versioning=docker
  postgres: 'postgres:16.4', // renovate: datasource=docker depName=postgres versioning=docker
  pgbouncer: 'edoburu/pgbouncer:v1.24.1-p1', // renovate: datasource=docker depName=edoburu/pgbouncer versioning=docker
  oauth2Proxy: 'quay.io/oauth2-proxy/oauth2-proxy:v7.15.6', // renovate: datasource=docker depName=quay.io/oauth2-proxy/oauth2-proxy versioning=docker
  cloudflared: 'cloudflare/cloudflared:2025.11.1', // renovate: datasource=docker depName=cloudflare/cloudflared versioning=docker
  traefik: 'traefik:v3.7.15', // renovate: datasource=docker depName=traefik versioning=docker
  prometheus: 'prom/prometheus:v3.5.0', // renovate: datasource=docker depName=prom/prometheus versioning=docker
  prometheusAdapter: 'registry.k8s.io/prometheus-adapter/prometheus-adapter:v0.12.0', // renovate: datasource=docker depName=registry.k8s.io/prometheus-adapter/prometheus-adapter versioning=docker
  node: 'node:20.19.6-bookworm-slim', // renovate: datasource=docker depName=node versioning=docker
} as const;

/**
 * Images pinned by their tag alone, until Renovate's first run adds the digest that the registry states
 * (`postgres:16.4@sha256:…`). An image that is not on this list must have its digest.
 */
export const digestPending: readonly (keyof typeof images)[] = [
  'djangoApi',
  'idaes',
  'frontEnd',
  'postgres',
  'pgbouncer',
  'oauth2Proxy',
  'cloudflared',
  'traefik',
  'prometheus',
  'prometheusAdapter',
  'node',
];
