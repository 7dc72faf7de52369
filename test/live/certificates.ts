import { existsSync } from 'node:fs';
import { mkdir, rename, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { toolCache } from '../../tools/build';
import { must } from './command';
import { API_PORT, INTERNET_NAMES, LAN, NODES } from './topology';

/** A certificate with its key, as files. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

/** A certificate authority of the tests, in a folder. */
export class Authority {
  constructor(readonly folder: string) {}

  get certificate(): string {
    return join(this.folder, 'ca.crt');
  }

  /** Makes a new authority in an empty or missing folder. */
  static async make(folder: string, name: string): Promise<Authority> {
    await mkdir(folder, { recursive: true });
    await openssl(folder, [
      'req',
      '-x509',
      ...NEW_KEY,
      '-days',
      '3650',
      '-subj',
      `/CN=${name}`,
      '-keyout',
      'ca.key',
      '-out',
      'ca.crt',
    ]);
    return new Authority(folder);
  }

  /**
   * Issues a certificate.
   *
   * @param subject such as `/O=system:nodes/CN=system:node:worker-1`
   * @param names as openssl writes them, such as `IP:10.43.0.1` or `DNS:kubernetes`
   */
  async issue(
    file: string,
    subject: string,
    names: readonly string[],
    uses: readonly ('clientAuth' | 'serverAuth')[],
    days = 30,
  ): Promise<KeyPair> {
    const extensions = [
      `extendedKeyUsage=${uses.join(',')}`,
      ...(names.length > 0 ? [`subjectAltName=${names.join(',')}`] : []),
    ];
    await writeFile(join(this.folder, `${file}.ext`), extensions.join('\n'));
    await openssl(this.folder, ['req', ...NEW_KEY, '-subj', subject, '-keyout', `${file}.key`, '-out', `${file}.csr`]);
    await openssl(this.folder, [
      'x509',
      '-req',
      '-in',
      `${file}.csr`,
      '-CA',
      'ca.crt',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-days',
      String(days),
      '-extfile',
      `${file}.ext`,
      '-out',
      `${file}.crt`,
    ]);
    return this.pair(file);
  }

  pair(file: string): KeyPair {
    return { certificate: join(this.folder, `${file}.crt`), key: join(this.folder, `${file}.key`) };
  }
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

async function openssl(folder: string, args: readonly string[]): Promise<void> {
  await must('openssl', args, { cwd: folder });
}

/** What Kubernetes' parts call themselves: https://kubernetes.io/docs/setup/best-practices/certificates/ */
const CLIENTS: Readonly<Record<string, string>> = {
  admin: '/O=system:masters/CN=admin',
  'kube-controller-manager': '/CN=system:kube-controller-manager',
  'kube-scheduler': '/CN=system:kube-scheduler',
  'kube-proxy': '/CN=system:kube-proxy',
  // In K3s the policy controller runs inside the agent.
  'kube-router': '/O=system:masters/CN=kube-router',
  'kubelet-client': '/O=system:masters/CN=kube-apiserver-kubelet-client',
  'front-proxy': '/CN=front-proxy',
};

/** Everything that signs or is signed in the cluster, in one folder, with a kubeconfig file for each client. */
export async function issueClusterCertificates(folder: string): Promise<Authority> {
  const authority = await Authority.make(folder, 'live-cluster');
  await issueServerCertificate(authority);
  for (const [name, subject] of Object.entries(CLIENTS)) await authority.issue(name, subject, [], ['clientAuth']);
  for (const name of NODES)
    await authority.issue(
      name,
      `/O=system:nodes/CN=system:node:${name}`,
      [`IP:${LAN[name]}`, `DNS:${name}`],
      ['clientAuth', 'serverAuth'],
    );
  await openssl(folder, ['genrsa', '-out', 'service-account.key', '2048']);
  for (const name of [...Object.keys(CLIENTS), ...NODES])
    await writeKubeconfig(authority, name, `https://${LAN.control}:${API_PORT}`, join(folder, `${name}.kubeconfig`));
  return authority;
}

/** The API server's own certificate; called again, a renewed one in the same place. */
export async function issueServerCertificate(authority: Authority): Promise<KeyPair> {
  const names = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'kubernetes.default.svc.cluster.local'];
  const addresses = [LAN.control, '10.43.0.1', '127.0.0.1'];
  return authority.issue(
    'apiserver',
    '/CN=kube-apiserver',
    [...addresses.map((each) => `IP:${each}`), ...names.map((each) => `DNS:${each}`)],
    ['serverAuth'],
  );
}

/** Serial number of the certificate that a server on loopback shows, whoever signed it. */
export async function servedSerial(port: number): Promise<string> {
  // The number is compared, nothing is sent: no client certificate, no check of the chain.
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
  try {
    await once(socket, 'secureConnect');
    return socket.getPeerCertificate().serialNumber;
  } finally {
    socket.destroy();
  }
}

/** Writes a kubeconfig that names certificate files. */
export async function writeKubeconfig(
  authority: Authority,
  client: string,
  server: string,
  file: string,
): Promise<void> {
  const { certificate, key } = authority.pair(client);
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'live', cluster: { server, 'certificate-authority': authority.certificate } }],
    users: [{ name: client, user: { 'client-certificate': certificate, 'client-key': key } }],
    contexts: [{ name: 'live', context: { cluster: 'live', user: client } }],
    'current-context': 'live',
  };
  await writeFile(file, JSON.stringify(config, undefined, 2), { mode: 0o600 });
}

/**
 * The authority of the stand-in internet, kept in the cache since images that trust it are kept there too. Its certificate names
 * every host of that internet.
 */
export async function internetAuthority(): Promise<Authority> {
  const folder = join(toolCache(), 'live', 'internet-authority');
  if (!existsSync(folder)) {
    await mkdir(join(toolCache(), 'live'), { recursive: true });
    const scratch = await mkdtemp(join(toolCache(), 'live', '.authority-'));
    await Authority.make(scratch, 'stand-in internet');
    await rename(scratch, folder).catch(async () => rm(scratch, { recursive: true }));
  }
  return new Authority(folder);
}

/** A certificate for every host of the stand-in internet, in a folder of this run. */
export async function issueInternetCertificate(): Promise<KeyPair> {
  const authority = await internetAuthority();
  const names = Object.keys(INTERNET_NAMES).map((name) => `DNS:${name}`);
  return authority.issue(`internet-${process.pid}`, '/CN=stand-in internet', names, ['serverAuth']);
}
