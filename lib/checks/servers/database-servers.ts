import { valuesOf } from '../objects/chart-values';
import { parseImage } from '../../kubernetes/image';
import { inContainer } from '../container-rule';
import { asList, asTexts } from '../objects/pod-template';
import type { Rule } from '../rule';
import { filesOf } from '../objects/calls';
import { majorVersionOf, type Program } from '../programs/known-options';
import { mountsOf } from '../programs/mounts';
import { meantImage, programOf } from '../programs/written-options';

/** Rules of what a server of Postgres is started with, and of versions of programs. */
export const databaseServerRules: readonly Rule[] = [
  {
    id: 'servers-keep-their-data-whole',
    why: 'A server that reads another configuration than ours, or data that nothing proves, is noticed when data are lost.',
    remedy: 'start it as https://hub.docker.com/_/postgres says',
    over: 'object',
    *check(scope) {
      for (const pod of scope.pods) {
        for (const container of pod.containers) {
          const { spec } = container;
          if (programOf(spec) !== 'postgres' || container.isInit || asList(spec.ports).length === 0) continue;
          const variables = new Map(asList(spec.env).map(({ name, value }) => [String(name), value]));
          const own = mountsOf(scope, pod).filter(({ mounter }) => mounter === container);
          const data = own.find(({ kind }) => kind === 'claim')?.path.replace(/\/$/, '');
          if (data !== undefined && !String(variables.get('PGDATA') ?? data).startsWith(`${data}/`)) {
            const message = `PGDATA is ${data} itself, where the volume has files of its own (lost+found), and initdb wants an empty folder`;
            yield inContainer(pod, container, 'env', message);
          }
          if (!/(^|\s)(-k|--data-checksums)(\s|$)/.test(String(variables.get('POSTGRES_INITDB_ARGS') ?? ''))) {
            const message =
              'POSTGRES_INITDB_ARGS has no --data-checksums, so a page that the card returns damaged is believed';
            yield inContainer(pod, container, 'env', message);
          }
          const words = [...asTexts(spec.command), ...asTexts(spec.args)].join(' ');
          for (const { path, names = [] } of own.filter(({ kind }) => kind === 'files')) {
            for (const file of names.filter((name) => ['postgresql.conf', 'pg_hba.conf'].includes(name))) {
              if (words.includes(`${path}/${file}`)) continue;
              yield inContainer(
                pod,
                container,
                'args',
                `nothing tells the server of ${path}/${file}, so it reads its own`,
              );
            }
          }
        }
      }
    },
  },
  {
    id: 'old-encryption-is-refused',
    why: 'Versions of TLS before 1.2 are broken: whoever is on the way reads along.',
    remedy: 'leave the setting out, or write TLSv1.2 or TLSv1.3',
    over: 'object',
    *check(scope) {
      for (const pod of scope.pods) {
        for (const { at, field, text } of filesOf(scope, pod)) {
          for (const [, name, value] of text.matchAll(OLD_TLS))
            yield { at, field, message: `${name} is ${value!.trim()}, which admits versions before 1.2` };
        }
      }
    },
  },
  {
    id: 'images-have-the-version-that-is-known',
    why: 'Another major version reads other options and other data: a server of Postgres does not start on the data of an older one.',
    remedy:
      'stay on the version whose options are listed in imports/programs, or list those of the new one there and move the data first',
    over: 'object',
    *check(scope) {
      for (const pod of scope.pods) {
        for (const { spec, field } of pod.containers) {
          const meant = meantImage(spec);
          if (meant) {
            const message = `${String(spec.image)} is of another maker than ${meant}, whose options, folders and users are known here`;
            yield { at: pod.at, field: `${field}.image`, message };
          }
          const program = programOf(spec);
          const image = typeof spec.image === 'string' ? parseImage(spec.image) : undefined;
          // Versions of cloudflared are dates.
          if (!program || !image || program === 'cloudflared') continue;
          const [major, known] = [/^v?(\d+)/.exec(image.tag ?? '')?.[1], majorVersionOf(program)];
          if (major === undefined || major === known) continue;
          const message = `${image.repository} is of version ${major}, and everything here is of ${known}`;
          yield { at: pod.at, field: `${field}.image`, message };
        }
      }
      for (const at of scope.ofKind('HelmChart', 'HelmChartConfig')) {
        const program = CHARTS[at.object.metadata.name ?? ''];
        if (program === undefined) continue;
        for (const { values, field } of valuesOf(at)) {
          const { image, global } = (values ?? {}) as ImageValues;
          const [tag, path] =
            image?.tag === undefined ? [global?.image?.tag, 'global.image.tag'] : [image.tag, 'image.tag'];
          if (tag === undefined || new RegExp(`^v${majorVersionOf(program)}\\.\\d+\\.\\d`).test(String(tag))) continue;
          const message = `${String(tag)} is no version of ${majorVersionOf(program)}, such as v${majorVersionOf(program)}.1.2, whose options are known`;
          yield { at, field: `${field}: ${path}`, message };
        }
      }
    },
  },
];

/** Programs of charts whose images have a version of their own, by the chart's name. */
const CHARTS: Readonly<Record<string, Program>> = { 'argo-cd': 'argo-cd-cm', traefik: 'traefik' };

interface ImageValues {
  readonly image?: { readonly tag?: unknown };
  readonly global?: { readonly image?: { readonly tag?: unknown } };
}

/** Settings of Postgres, PgBouncer and nginx that name versions of TLS. */
const OLD_TLS =
  /^\s*(ssl_min_protocol_version|(?:client|server)_tls_protocols|ssl_protocols)\s*=?\s*(['"]?(?:[^\n;#]*\b)?(?:TLSv1(?:\.[01])?|tlsv1\.[01]|SSLv[23]|all|legacy)\b(?!\.[23])[^\n;#]*)/gim;
