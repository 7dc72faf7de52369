import { readFileSync } from 'node:fs';
import { eventually } from './command';
import type { VirtualHost } from './host';
import { internet, type Rack } from './rack';
import { step } from './step';

/** Address, names, time and the airgap, each check shown to fail once what it rests on is taken away. */
export function networkSteps(rack: () => Rack): void {
  const host = (name: string) => rack().host(name);
  addressSteps(host);
  airgapSteps(rack, host);
}

function addressSteps(host: (name: string) => VirtualHost): void {
  const address = async (name: string) =>
    /inet (192\.168\.100\.\d+)\/24/.exec((await host(name).run('ip address show dev eth0')).output)?.[1];
  const editDnsmasq = (edit: string) =>
    host('ingress').must(
      `${edit} /etc/dnsmasq.d/ahuora.conf && rm -f /var/lib/misc/dnsmasq.leases && systemctl restart dnsmasq`,
    );
  const askAgain = (name: string) =>
    host(name).run('nmcli device disconnect eth0; nmcli --wait 12 connection up probe');
  const resolve = async (name: string, wanted: string) =>
    (await host(name).run(`python3 -c 'import socket; print(socket.gethostbyname("${wanted}"))'`)).output.trim();

  step('a worker gets its address by DHCP from its MAC address; without its line it gets none', async () => {
    // As a board that comes new would ask: past the profile that the node has by now.
    await host('worker-1').must(
      'nmcli connection add type ethernet ifname eth0 con-name probe autoconnect no ipv4.method auto',
    );
    await askAgain('worker-1');
    expect(await address('worker-1')).toBe('192.168.100.122');
    await editDnsmasq(`cp -a /etc/dnsmasq.d/ahuora.conf /root/kept && sed -i '/^dhcp-host=2c:cf:67:00:01:22/d'`);
    try {
      await askAgain('worker-1');
      expect(await address('worker-1')).toBeUndefined();
    } finally {
      await editDnsmasq('mv /root/kept');
      await askAgain('worker-1');
    }
    expect(await address('worker-1')).toBe('192.168.100.122');
    await host('worker-1').must('nmcli connection delete probe; nmcli --wait 12 connection up ahuora-lan');
  });

  step('every node resolves the name of every node, from ingress alone', async () => {
    const names = { ingress: '101', control: '121', 'worker-1': '122', 'worker-2': '123', 'worker-6': '127' };
    for (const from of ['control', 'worker-1', 'worker-2']) {
      for (const [name, last] of Object.entries(names).filter(([each]) => each !== from))
        expect(`${from} ${name} ${await resolve(from, name)}`).toBe(`${from} ${name} 192.168.100.${last}`);
    }
    await editDnsmasq(
      `cp -a /etc/dnsmasq.d/ahuora.conf /root/kept && sed -i '/^host-record=worker-6,/d;/,worker-6$/d'`,
    );
    try {
      expect(await resolve('worker-1', 'worker-6')).toContain('Name or service not known');
    } finally {
      await editDnsmasq('mv /root/kept');
    }
  });

  step("a worker follows ingress' clock; without the line that names it, it follows none", async () => {
    const selected = async () => /^\*192\.168\.100\.101 /m.test((await host('worker-1').run('ntpq -pn')).output);
    await eventually('worker-1 selects ingress', 120, selected);
    const offset = Number(/offset=([-+.\d]+)/.exec(await host('worker-1').must("ntpq -c 'rv 0 offset'"))![1]);
    expect(Math.abs(offset)).toBeLessThan(1000);
    await host('worker-1').must(
      `cp -a /etc/ntpsec/ntp.conf /root/kept && sed -i '/^server/d' /etc/ntpsec/ntp.conf && systemctl restart ntpsec && sleep 10`,
    );
    try {
      expect(await selected()).toBe(false);
    } finally {
      await host('worker-1').must('mv /root/kept /etc/ntpsec/ntp.conf && systemctl restart ntpsec');
    }
    await eventually('worker-1 selects ingress again', 120, selected);
  });
}

function airgapSteps(rack: () => Rack, host: (name: string) => VirtualHost): void {
  const fetches = async (name: string, url: string, proxy = '') => {
    const opener = proxy
      ? `urllib.request.build_opener(urllib.request.ProxyHandler({"http": "${proxy}"}))`
      : 'urllib.request.build_opener()';
    const { output } = await host(name).run(
      `python3 -c 'import urllib.request; print(${opener}.open("${url}", timeout=3).status)'`,
      { seconds: 20 },
    );
    return output.trim() === '200';
  };
  const inInternet = (command: string) => host('ingress').besides(rack().internetNamespace, command);
  const removeRule = (name: string) => host(name).must('nft delete table inet airgap');
  const restoreRule = (name: string) => host(name).must('systemctl reload airgap');
  const uplink = async (name: string, family: 'inet' | 'inet6') =>
    new RegExp(`${family} (\\S+)/\\d+ .*scope global`).exec(await host(name).must('ip address show dev wlan0'))![1]!;

  /** With every other obstacle away, the table of `guard` alone must stop `from`, and nothing must once that is gone too. */
  const onlyRuleThatStops = async (guard: string, from: string, others: readonly string[], url: string) => {
    for (const other of others) await removeRule(other);
    try {
      expect(await fetches(from, url)).toBe(false);
      await removeRule(guard);
      expect(await fetches(from, url)).toBe(true);
    } finally {
      for (const each of [guard, ...others]) await restoreRule(each);
    }
    expect(await fetches(from, url)).toBe(false);
  };

  step('the internet could answer the workers: both gateways forward and it knows the way back', async () => {
    for (const gateway of ['ingress', 'control']) {
      await host(gateway).inNetwork([
        'sysctl',
        '-qw',
        'net.ipv4.ip_forward=1',
        'net.ipv6.conf.all.forwarding=1',
        'net.ipv6.conf.wlan0.accept_ra=2',
      ]);
      await eventually(`${gateway} has an uplink`, 60, () => fetches(gateway, `http://${internet.address}/`));
    }
    await host('ingress').inNetwork(['ip', 'address', 'add', 'fd00:100::101/64', 'dev', 'eth0', 'nodad']);
    await host('worker-1').inNetwork(['ip', 'address', 'add', 'fd00:100::122/64', 'dev', 'eth0', 'nodad']);
    await host('worker-1').inNetwork(['ip', 'route', 'add', 'default', 'via', 'fd00:100::101']);
    await inInternet(`ip route replace 192.168.100.0/24 via ${await uplink('ingress', 'inet')}`);
    await inInternet(`ip route replace fd00:100::/64 via ${await uplink('ingress', 'inet6')}`);
    for (const gateway of ['ingress', 'control']) {
      await host(gateway).inNetwork(['ip', 'route', 'replace', `${internet.beyond}/32`, 'via', internet.address]);
      await host(gateway).inNetwork(['ip', 'route', 'replace', `${internet.beyond6}/128`, 'via', internet.address6]);
    }
  });

  step('ingress reaches the internet by IPv4 and IPv6', async () => {
    expect(await fetches('ingress', `http://${internet.beyond}/`)).toBe(true);
    expect(await fetches('ingress', `http://[${internet.beyond6}]/`)).toBe(true);
  });

  step('a worker reaches ingress but not the internet by IPv4: its own rule alone stops it', async () => {
    expect(await fetches('worker-1', 'http://192.168.100.101:5001/v2/')).toBe(true);
    await onlyRuleThatStops('worker-1', 'worker-1', ['ingress'], `http://${internet.beyond}/`);
  });

  step("a worker does not reach the internet by routing through ingress: ingress' rule alone stops it", () =>
    onlyRuleThatStops('ingress', 'worker-1', ['worker-1'], `http://${internet.beyond}/`),
  );

  step('a worker does not reach the internet by IPv6: its own rule alone stops it', () =>
    onlyRuleThatStops('worker-1', 'worker-1', ['ingress'], `http://[${internet.beyond6}]/`),
  );

  step("a worker does not reach the internet by IPv6 through ingress: ingress' rule alone stops it", () =>
    onlyRuleThatStops('ingress', 'worker-1', ['worker-1'], `http://[${internet.beyond6}]/`),
  );

  step("a worker does not reach the internet by routing through control: control's rule alone stops it", async () => {
    await inInternet(`ip route replace 192.168.100.0/24 via ${await uplink('control', 'inet')}`);
    await host('worker-1').inNetwork(['ip', 'route', 'replace', `${internet.beyond}/32`, 'via', '192.168.100.121']);
    try {
      await onlyRuleThatStops('control', 'worker-1', ['worker-1'], `http://${internet.beyond}/`);
    } finally {
      await host('worker-1').inNetwork(['ip', 'route', 'delete', `${internet.beyond}/32`]);
      await inInternet(`ip route replace 192.168.100.0/24 via ${await uplink('ingress', 'inet')}`);
    }
  });

  step('nothing tunnels through DNS: dnsmasq asks nobody on the internet, until it is given a server', async () => {
    let number = 0;
    const leaks = async () => {
      const name = `secret-${++number}.tunnel.example`;
      await host('worker-1').run(`python3 -c 'import socket; socket.gethostbyname("${name}")'`, { seconds: 30 });
      return readFileSync(rack().queryLog, 'utf8').includes(name);
    };
    expect(await leaks()).toBe(false);
    await host('ingress').must(
      `echo 'server=${internet.address}' >/etc/dnsmasq.d/leak.conf && systemctl restart dnsmasq`,
    );
    try {
      expect(await leaks()).toBe(true);
    } finally {
      await host('ingress').must('rm /etc/dnsmasq.d/leak.conf && systemctl restart dnsmasq');
    }
    expect(await leaks()).toBe(false);
  });

  step(
    'the package cache gives a worker Debian packages and is no way to anywhere else, until its rule is removed',
    async () => {
      const cache = 'http://192.168.100.101:3142';
      expect(await fetches('worker-1', 'http://deb.debian.org/debian/dists/bookworm/Release', cache)).toBe(true);
      expect(await fetches('worker-1', 'http://elsewhere.example/debian/dists/bookworm/Release', cache)).toBe(false);
      await host('ingress').must(
        `sed -i 's/^ForceManaged: 1/ForceManaged: 0/' /etc/apt-cacher-ng/zz-ahuora.conf && systemctl restart apt-cacher-ng`,
      );
      try {
        expect(
          await eventually('the cache is open', 20, () =>
            fetches('worker-1', 'http://elsewhere.example/debian/dists/bookworm/Release', cache),
          ),
        ).toBe(true);
      } finally {
        await host('ingress').must(
          `sed -i 's/^ForceManaged: 0/ForceManaged: 1/' /etc/apt-cacher-ng/zz-ahuora.conf && systemctl restart apt-cacher-ng`,
        );
      }
      expect(
        await fetches(
          'worker-1',
          'http://elsewhere.example/debian/dists/bookworm/main/binary-amd64/Packages.gz',
          cache,
        ),
      ).toBe(false);
    },
  );

  step('from the internet neither SSH nor any other port of ingress answers, until its rule is removed', async () => {
    const address = await uplink('ingress', 'inet');
    const answers = async () =>
      (
        await inInternet(
          `timeout 3 python3 -c 'import socket; print(socket.create_connection(("${address}", 22), 2).recv(3))'`,
        )
      ).includes('SSH');
    expect(await answers()).toBe(false);
    await removeRule('ingress');
    try {
      expect(await answers()).toBe(true);
    } finally {
      await restoreRule('ingress');
    }
  });
}
