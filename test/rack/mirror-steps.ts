import { chmodSync, cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Engineer } from './ansible';
import { eventually } from './command';
import { sha256 } from './published-artefacts';
import { internet, type Rack } from './rack';
import { step } from './step';

const mirror = 'http://192.168.100.101:5001';
const image = 'ahuora/django-api';

/** The image mirror against a stand-in registry on the stand-in internet. */
export function mirrorSteps(rack: () => Rack, engineer: () => Engineer): void {
  let digest = '';
  const upstream = () => engineer().upstream;
  const ingress = () => rack().host('ingress');
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
    await upstream().start();
    digest = await upstream().push(image, '0.0.17');
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
    upstream().stop();
    expect(await pull('worker-2')).toBe(digest);
    await ingress().must('systemctl restart registry-mirror@docker.io');
    await eventually('the mirror serves what it has', 30, async () => (await pull('worker-1')) === digest);
    expect((await rack().host('worker-1').run(fetchScript('manifests/0.0.17'))).output).toMatch(/^sha256:[0-9a-f]{64}/);
  });

  step('a mirror that cannot start is named with its port and its reason', async () => {
    // Somebody else sits on its port, and answers nobody.
    const squat = 'import socket, time; s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(("192.168.100.101", 5001)); s.listen(1); time.sleep(600)';
    await ingress().must(`systemctl stop registry-mirror@docker.io && systemd-run --unit squatter python3 -c '${squat}'`);
    try {
      const outcome = await engineer().playbook('registry', ['--extra-vars', 'registry_mirror_ready_seconds=3']);
      expect(outcome.status).not.toBe(0);
      expect(outcome.output.replace(/\s+/g, ' ')).toMatch(/ingress: the image mirror does not answer on port 5001 after 3 s\. Its log ends: .*address already in use/);
    } finally {
      await ingress().must('systemctl stop squatter; systemctl restart registry-mirror@docker.io');
    }
    await eventually('the mirror serves what it has', 30, async () => (await pull('worker-1')) === digest);
  }); // prettier-ignore

  /** Answers of the mirror to a worker, by what the worker asked; with what reached the internet meanwhile. */
  const attack = async (base: string, paths: readonly string[]) => {
    const before = readFileSync(rack().requestLog, 'utf8').length;
    const script = `import http.client, sys
for path in sys.argv[1:]:
    c = http.client.HTTPConnection("${base}", timeout=10)
    c.putrequest("DELETE" if path.startswith("DELETE ") else "GET", path.removeprefix("DELETE "), skip_host=False)
    c.endheaders()
    print(c.getresponse().status)`;
    const quoted = paths.map((path) => `'${path}'`).join(' ');
    const host = base.startsWith('127.') ? ingress() : rack().host('worker-1');
    const { output } = await host.run(`python3 -c '${script}' ${quoted}`, { seconds: 60 });
    return { statuses: output.trim().split('\n').map(Number), calls: readFileSync(rack().requestLog, 'utf8').slice(before) };
  }; // prettier-ignore

  step('the other engine calls hosts that no upstream lists; behind its filter nobody on the LAN makes it', async () => {
    const file = engineer().path('artefacts', 'oci-registry-v0.4.5');
    cpSync(join(__dirname, '..', 'stand-ins', 'oci-registry.py'), file);
    chmodSync(file, 0o755);
    const sums = { ...engineer().recordedSums(), 'oci-registry-v0.4.5': sha256(file) };
    const other = ['--extra-vars', JSON.stringify({ registry_engine: 'oci-registry', artefact_checksums: sums })];
    await upstream().start();
    try {
      const installed = await engineer().playbook('registry', other);
      expect(installed.status).toBe(0);
      const again = await engineer().playbook('registry', other);
      expect(again.recap.get('ingress')).toMatchObject({ changed: 0, failed: 0 });
      // What asks whether the mirror is there is told so by the engine, not by the filter alone.
      expect((await attack('192.168.100.101:5000', ['/v2/'])).statuses).toEqual([200]);
      await ingress().must('systemctl stop registry-mirror');
      expect((await attack('192.168.100.101:5000', ['/v2/'])).statuses).toEqual([502]);
      await ingress().must('systemctl start registry-mirror');
      await eventually('the engine is back', 20, async () => (await attack('127.0.0.1:5500', ['/'])).statuses[0] === 200);
      const path = '/v2/library/redis/manifests/7';
      const away = `${internet.beyond}:80`;
      const attempts = [
        `${path}?ns=${away}`, path, `${path}?ns=`, `${path}?ns=${away}&ns=docker.io`, `${path}?ns=docker.io.evil.example`,
        `${path}?NS=${away}`, `${path}?n%73=${away}`, `${path}?ns=docker.io%26ns=${away}`, `${path}?x=1&ns=${away}`,
        `/v2/../v2/library/redis/manifests/7?ns=${away}`, `//v2/library/redis/manifests/7?ns=${away}`, `/v2/library/redis/manifests/7%3Fns=${away}`,
        `/v2/library/../../etc/manifests/7?ns=docker.io`, `/v2/a/manifests/7%0d%0aHost:%20${away}?ns=docker.io`, `http://${away}${path}?ns=${away}`,
        'DELETE /_admin/repositories?ns=docker.io', `DELETE ${path}?ns=docker.io`, '/metrics', '/v2/_catalog?ns=docker.io',
      ]; // prettier-ignore
      const behind = await attack('192.168.100.101:5000', attempts);
      expect(behind.statuses).toHaveLength(attempts.length);
      expect(behind.statuses.filter((status) => status < 400)).toEqual([]);
      expect(behind.calls).not.toContain(internet.beyond);
      // The same path with a listed name goes through, under that name, whatever stands behind it.
      const allowed = await attack('192.168.100.101:5000', [`${path}?ns=quay.io`, `${path}?ns=docker.io&ns=${away}`]);
      expect(allowed.statuses).toEqual([200, 200]);
      expect(allowed.calls).not.toContain(internet.beyond);
      // Without the filter the attack succeeds; it cannot be gone around from the LAN.
      const without = await attack('127.0.0.1:5500', [`${path}?ns=${away}`]);
      expect(without.calls).toContain(internet.beyond);
      expect((await rack().host('worker-1').run(`python3 -c 'import socket; socket.create_connection(("192.168.100.101", 5500), 3)'`)).status).not.toBe(0);
    } finally {
      expect((await engineer().playbook('registry')).status).toBe(0);
    }
    await eventually('the first engine serves again', 30, async () => (await pull('worker-1')) === digest);
  }); // prettier-ignore
}
