import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { toolCache } from '../../tools/build';
import { Authority, type KeyPair } from '../fixtures/certificates';
import { API_PORT, INTERNET_NAMES, LAN, NODES } from './topology';

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
  const authority = Authority.make(folder, 'live-cluster');
  issueServerCertificate(authority);
  for (const [name, subject] of Object.entries(CLIENTS)) authority.issue(name, subject, [], ['clientAuth']);
  for (const name of NODES)
    authority.issue(
      name,
      `/O=system:nodes/CN=system:node:${name}`,
      [`IP:${LAN[name]}`, `DNS:${name}`],
      ['clientAuth', 'serverAuth'],
    );
  execFileSync('openssl', ['genrsa', '-out', 'service-account.key', '2048'], { cwd: folder, stdio: 'pipe' });
  for (const name of [...Object.keys(CLIENTS), ...NODES])
    await writeKubeconfig(authority, name, `https://${LAN.control}:${API_PORT}`, join(folder, `${name}.kubeconfig`));
  return authority;
}

/** The API server's own certificate; called again, a renewed one in the same place. */
export function issueServerCertificate(authority: Authority): KeyPair {
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
    Authority.make(scratch, 'stand-in internet');
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
