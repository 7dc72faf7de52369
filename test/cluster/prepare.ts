import { downloadSources } from '../../imports/source/generate';
import { buildTool } from '../../tools/build';
import { run } from './daemon';
import { prepareFixtures } from './prepare-fixtures';

/** Debian packages whose programs the tier starts itself, each with the unit that must not run beside it. */
const SYSTEM_PACKAGES = [{ name: 'redis-server', unit: 'redis-server' }] as const;

const TOOLS = ['kube-apiserver', 'etcd', 'kwok', 'kubectl', 'argocd', 'oauth2-proxy', 'traefik'] as const;

/** Builds and installs what `npm run test:cluster` needs, before jest's own clock starts. */
export async function prepare(): Promise<void> {
  await installSystemPackages();
  await prepareFixtures();
  for (const tool of TOOLS) await buildTool(tool);
  await downloadSources((line) => console.error(`imports: ${line}`));
}

async function installSystemPackages(): Promise<void> {
  const missing = [];
  for (const each of SYSTEM_PACKAGES) {
    const { stdout } = await run('dpkg-query', ['--show', '--showformat=${db:Status-Status}', each.name]);
    if (stdout !== 'installed') missing.push(each);
  }
  if (missing.length === 0) return;
  const names = missing.map((each) => each.name);
  if (process.getuid?.() !== 0)
    throw new Error(
      `test:cluster needs the Debian packages ${names.join(', ')}; run as root: apt-get install --no-install-recommends ${names.join(' ')}`,
    );
  console.error(`system packages: installing ${names.join(', ')}`);
  await apt(['update']);
  await apt(['install', '--yes', '--no-install-recommends', ...names]);
  for (const { unit } of missing)
    await run('sh', ['-c', `systemctl disable --now ${unit} 2>/dev/null || service ${unit} stop 2>/dev/null || true`]);
}

async function apt(args: readonly string[]): Promise<void> {
  const { status, stderr } = await run('apt-get', ['-qq', ...args], { env: { DEBIAN_FRONTEND: 'noninteractive' } });
  if (status !== 0)
    throw new Error(`apt-get ${args[0]} ended with status ${status}: ${stderr.trim().split('\n').slice(-3).join(' ')}`);
}
