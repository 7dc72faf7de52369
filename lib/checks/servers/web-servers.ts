import { inContainer } from '../container-rule';
import { filesOf } from '../objects/calls';
import { asList, PROBES } from '../objects/pod-template';
import { wiringRule, type Rule } from '../rule';
import { mountsOf } from '../programs/mounts';
import { isNginx } from '../programs/written-options';

/** Rules of what nginx needs to serve: https://nginx.org/en/docs/http/ngx_http_core_module.html. */
export const webServerRules: readonly Rule[] = [
  wiringRule(
    {
      id: 'servers-can-serve-their-pages',
      why: 'A server without a certificate, an address or a folder of pages does not start, or answers 404 to everybody.',
      remedy: 'let nginx listen on a port alone, without TLS, and serve the folder of pages of its image',
    },
    function* (scope) {
      for (const pod of scope.pods.filter(isNginx)) {
        const mounted = mountsOf(scope, pod).map(({ path }) => path);
        for (const { at, field, text } of filesOf(scope, pod)) {
          if (!/^\s*server\s*\{/m.test(text)) continue;
          const bare = text.replace(/^\s*#.*$/gm, '');
          const listens = [...bare.matchAll(/^\s*listen\s+([^;]+);/gm)].map(([, value]) => value!.trim());
          if (listens.some((each) => /\bssl\b/.test(each)) && !/^\s*ssl_certificate\s/m.test(bare))
            yield { at, field, message: `listen ${listens[0]}: TLS is asked for, and there is no ssl_certificate` };
          if (listens.length > 0 && listens.every((each) => each.startsWith('[') && !/ipv6only=off/.test(each)))
            yield { at, field, message: `listen ${listens[0]}: pods have IPv4 addresses, on which nobody listens` };
          for (const [, log = '', path = ''] of bare.matchAll(/^\s*(access_log|error_log)\s+([^\s;]+)/gm))
            if (
              !/^(off|stderr|\/dev\/std(out|err)|syslog:.*)$/.test(path) &&
              !mounted.some((folder) => path.startsWith(`${folder}/`))
            )
              yield { at, field, message: `${log} ${path}: nothing can be written there, and nginx ends at its start` };
          const plain = /^\s*return\s+30[1278]\s+http:\/\/[^;]*/m.exec(bare)?.[0].trim();
          if (plain) yield { at, field, message: `${plain}: whoever is led there comes without TLS` };
          if (!/\b(try_files|index)\b/.test(bare) || /\b(proxy_pass|fastcgi_pass)\b/.test(bare)) continue;
          const root = /^\s*(?:root|alias)\s+([^;]+);/m.exec(bare)?.[1]?.trim();
          if (root === undefined) yield { at, field, message: 'files are served, and no root says of which folder' };
          else if (root !== PAGES_OF_THE_IMAGE && !mounted.some((path) => root === path || root.startsWith(`${path}/`)))
            yield { at, field, message: `root ${root} is neither mounted nor where the image has its pages` };
        }
      }
    },
  ),
  wiringRule(
    {
      id: 'probes-are-answered-well',
      why: 'A probe whose page answers an error fails for ever, so the pod is never ready.',
      remedy: 'answer it with 200',
    },
    function* (scope) {
      for (const pod of scope.pods.filter(isNginx)) {
        const text = filesOf(scope, pod)
          .map((file) => file.text)
          .join('\n');
        for (const container of pod.containers) {
          for (const probe of PROBES) {
            const path = container.spec[probe]?.httpGet?.path;
            const block = pagesIn(text).find((page) => page.path === path)?.body ?? '';
            const status = Number(/^\s*return\s+(\d{3})\b/m.exec(block)?.[1] ?? 200);
            if (path === undefined || (status >= 200 && status < 400)) continue;
            yield inContainer(pod, container, `${probe}.httpGet.path`, `nginx answers ${path} with ${status}`);
          }
        }
      }
    },
  ),
  wiringRule(
    {
      id: 'servers-are-heard-by-default',
      why: 'A program that is not told where to listen does so inside its pod alone.',
      remedy: 'write http_address = "0.0.0.0:<port>", or leave TLS to the gateway',
    },
    function* (scope) {
      for (const pod of scope.pods) {
        if (asList(pod.containers[0]?.spec.ports).length === 0) continue;
        for (const { at, field, text } of filesOf(scope, pod)) {
          if (!/^\s*upstreams\s*=/m.test(text) || /^\s*http_address\s*=/m.test(text)) continue;
          const message = /^\s*https_address\s*=/m.test(text)
            ? 'https_address asks for a certificate, and Traefik and the probes come by plain HTTP'
            : 'http_address is not set, and by default OAuth2 Proxy is heard on 127.0.0.1 alone';
          yield { at, field, message };
        }
      }
    },
  ),
];

/** Of the official image: https://hub.docker.com/_/nginx. */
const PAGES_OF_THE_IMAGE = '/usr/share/nginx/html';

function pagesIn(text: string): { path: string; body: string }[] {
  return [...text.matchAll(/^\s*location\s+=?\s*(\S+)\s*\{([^}]*)\}/gm)].map(([, path, body]) => ({
    path: path!,
    body: body!,
  }));
}
