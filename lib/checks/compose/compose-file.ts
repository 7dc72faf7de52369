import { parse } from 'yaml';
import { parseImage } from '../../kubernetes/image';
import type { PlainFile } from '../../constructs/platform-model';
import type { Finding } from '../finding';
import { kept } from '../objects/kept';

/** For the page of rules, since these findings are of no object. */
export const composeRule = {
  id: 'one-machine-is-closed-too',
  why: 'What runs under Docker Compose has the data and the network of its machine: a port that it publishes is open to the LAN.',
  remedy: 'leave it as lib/constructs/compose makes it: no capability, no privilege, and no port but that of the API',
};

interface Service {
  readonly image?: string;
  readonly ports?: readonly unknown[];
  readonly privileged?: boolean;
  readonly network_mode?: string;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
}

/** Databases and poolers, by the repository of their image: whoever reaches them needs a password alone. */
const INSIDE = /^(library\/postgres|edoburu\/pgbouncer)$/;

export const isComposeFile = ({ path }: PlainFile) => /(^|\/)compose\.ya?ml$/.test(path);

/** What a Compose file says; each is read once. */
export const parsedCompose = kept(({ content }: PlainFile) => (parse(content) ?? {}) as object);

/** What services of a Compose file may do to their machine, and who reaches them. */
export function composeFindings(files: readonly PlainFile[]): Finding[] {
  return files.filter(isComposeFile).flatMap((file) => {
    const { path } = file;
    const { services = {} } = parsedCompose(file) as { services?: Readonly<Record<string, Service>> };
    return Object.entries(services).flatMap(([name, service]) =>
      [...problemsOf(service)].map(({ field, message }) => ({
        rule: composeRule.id,
        component: name,
        file: path,
        field: `services.${name}.${field}`,
        message,
        remedy: composeRule.remedy,
      })),
    );
  });
}

function* problemsOf({
  image = '',
  ports = [],
  privileged,
  ...rest
}: Service): Iterable<{ field: string; message: string }> {
  if (privileged) yield { field: 'privileged', message: 'the container is root on its machine' };
  if (rest.network_mode) yield { field: 'network_mode', message: `it shares the network ${rest.network_mode}` };
  if (!rest.cap_drop?.includes('ALL')) yield { field: 'cap_drop', message: 'not all capabilities are dropped' };
  if (!rest.security_opt?.includes('no-new-privileges:true'))
    yield { field: 'security_opt', message: 'a setuid program would give it rights that it was started without' };
  if (ports.length > 0 && INSIDE.test(parseImage(image)?.repository ?? ''))
    yield { field: 'ports', message: `${ports.map(String).join(', ')} opens it to whoever reaches the machine` };
}
