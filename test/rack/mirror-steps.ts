import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { eventually, must } from './command';
import { internet, registryBinary, type Rack } from './rack';
import { step } from './step';

const mirror = 'http://192.168.100.101:5001';
const image = 'ahuora/django-api';

/** The image mirror against a stand-in registry on the stand-in internet. */
export function mirrorSteps(rack: () => Rack): void {
  let digest = '';
  let upstream: number;
  const ingress = () => rack().host('ingress');

  const startUpstream = async () => {
    const folder = join(rack().folder, 'upstream');
    mkdirSync(folder, { recursive: true });
    const settings = {
      version: 0.1,
      storage: { filesystem: { rootdirectory: folder } },
      http: { addr: `${internet.address}:5000` },
    };
    writeFileSync(join(rack().folder, 'upstream.yml'), stringify(settings));
    upstream = rack().startInInternet(await registryBinary(), ['serve', join(rack().folder, 'upstream.yml')]);
    await eventually('the upstream registry answers', 20, async () =>
      (
        await inInternet(
          `curl -s ${internet.address}:5000/v2/ || python3 -c 'import urllib.request; print(urllib.request.urlopen("http://${internet.address}:5000/v2/").read())'`,
        )
      ).includes('{}'),
    );
  };
  const stopUpstream = () => process.kill(-upstream, 'SIGKILL');
  const inInternet = (command: string) => ingress().besides(rack().internetNamespace, command);
  const fetchScript = (path: string) =>
    `python3 -c 'import hashlib, urllib.request as u; print("sha256:" + hashlib.sha256(u.urlopen(u.Request("${mirror}/v2/${image}/${path}", headers={"Accept": "application/vnd.oci.image.manifest.v1+json"}), timeout=10).read()).hexdigest())'`;
  const pull = async (from: string) =>
    (
      await rack()
        .host(from)
        .run(fetchScript(`blobs/${digest}`))
    ).output.trim();
  const cached = () =>
    join(
      ingress().root,
      'var/lib/registry-mirror/docker.io/docker/registry/v2/blobs/sha256',
      digest.slice(7, 9),
      digest.slice(7),
      'data',
    );
  const flip = () => {
    const content = readFileSync(cached());
    content[100]! ^= 1;
    writeFileSync(cached(), content);
  };

  step('the mirror serves a layer from its upstream to a worker', async () => {
    await startUpstream();
    digest = (
      await must('ip', [
        'netns',
        'exec',
        rack().internetNamespace,
        'python3',
        join(__dirname, 'seed-registry.py'),
        `http://${internet.address}:5000`,
        image,
        '0.0.17',
      ])
    ).trim();
    await eventually('the mirror has found its upstream', 60, async () => (await pull('worker-1')) === digest);
    expect((await rack().host('worker-1').run(fetchScript('manifests/0.0.17'))).output).toMatch(/^sha256:[0-9a-f]{64}/);
  });

  step('a flipped byte in its cache is found out, and the layer fetched again', async () => {
    flip();
    expect(await pull('worker-2')).toBe(digest);
    expect(await ingress().must('journalctl -u registry-mirror@docker.io --since -5min')).toContain(
      `cached blob ${digest} is corrupt`,
    );
    // Fetched anew: it lies in the cache again, sound.
    await eventually('the layer is in the cache again', 10, async () =>
      (await ingress().run(`sha256sum ${cached().slice(ingress().root.length)}`)).output.startsWith(digest.slice(7)),
    );
  });

  step('without the digest check the flipped byte would reach the node', async () => {
    const settings = '/etc/registry-mirror/docker.io.yml';
    await ingress().must(
      `cp -a ${settings} /root/kept && sed -i '/^middleware:/,/verify-digest/d' ${settings} && systemctl restart registry-mirror@docker.io`,
    );
    try {
      await eventually('the mirror answers', 20, async () => (await pull('worker-1')) === digest);
      flip();
      expect(await pull('worker-1')).not.toBe(digest);
    } finally {
      await ingress().must(`mv /root/kept ${settings} && systemctl restart registry-mirror@docker.io`);
    }
    await eventually('the layer is sound again', 30, async () => (await pull('worker-1')) === digest);
  });

  step('the mirror serves the image with its upstream down, even when it is started then', async () => {
    stopUpstream();
    expect(await pull('worker-2')).toBe(digest);
    await ingress().must('systemctl restart registry-mirror@docker.io');
    await eventually('the mirror serves what it has', 30, async () => (await pull('worker-1')) === digest);
    expect((await rack().host('worker-1').run(fetchScript('manifests/0.0.17'))).output).toMatch(/^sha256:[0-9a-f]{64}/);
  });
}
