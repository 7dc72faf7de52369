import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Engineer, PlaybookOutcome } from './ansible';
import { eventually, must } from './command';
import { documentedPlaybooks } from './documented';
import { internet, type Rack } from './rack';
import { step } from './step';

/** What boards, people and uplinks do that a friendly test bench would not. */
export function boardSteps(rack: () => Rack, engineer: () => Engineer): void {
  const host = (name: string) => rack().host(name);
  const words = (outcome: PlaybookOutcome) => outcome.output.replace(/\s+/g, ' ');
  const bootedAt = (name: string) => host(name).must('cut -d" " -f22 /proc/1/stat');
  const isReady = async (name: string) => {
    const { status, output } = await host('control').run(`k3s kubectl get node ${name} --output json`);
    return status === 0 && JSON.parse(output).status.conditions[0].status === 'True';
  };

  step('every clock was set forward, so that the signed archive counts as valid', async () => {
    for (const name of rack().hosts.keys())
      expect(Math.abs(Number(readFileSync(join(host(name).root, 'var/lib/systemd/rack-clock'), 'utf8')))).toBeLessThan(5);
  }); // prettier-ignore

  step('a clock that is a little ahead is left alone, one far ahead or further behind than any image is refused', async () => {
    const clock = join(host('worker-1').root, 'var/lib/systemd/rack-clock');
    const run = async (offset: number) => {
      await host('worker-1').must(`printf '%+d\\n' ${offset} >/var/lib/systemd/rack-clock`);
      const outcome = await engineer().playbook('site', ['--tags', 'prereq', '--limit', 'worker-1']);
      return { outcome, left: Number(readFileSync(clock, 'utf8')) };
    };
    try {
      const ahead = await run(3_600);
      expect([ahead.outcome.status, ahead.left]).toEqual([0, 3_600]);
      const farAhead = await run(40 * 86_400);
      expect([farAhead.outcome.status === 0, farAhead.left]).toEqual([false, 40 * 86_400]);
      expect(words(farAhead.outcome)).toContain("worker-1's clock is 40 days ahead of the clock of the machine that runs Ansible");
      const absurd = await run(-6 * 365 * 86_400);
      expect(absurd.outcome.status).not.toBe(0);
      expect(words(absurd.outcome)).toContain("worker-1's clock is 2190 days behind the clock of the machine that runs Ansible");
    } finally {
      await host('worker-1').must('echo +0 >/var/lib/systemd/rack-clock');
    }
  }); // prettier-ignore

  step('a full disk is named before anything is written to it', async () => {
    await host('worker-2').must('mount -t tmpfs -o size=8m none /var/lib/ahuora');
    try {
      const outcome = await engineer().playbook('site', ['--tags', 'prereq', '--limit', 'worker-2']);
      expect(outcome.status).not.toBe(0);
      expect(words(outcome)).toContain('worker-2 has 8 MiB left on /var/lib/ahuora, and needs 1024 MiB; make room there');
      expect(outcome.recap.get('worker-2')!.changed).toBe(0);
    } finally {
      await host('worker-2').must('umount /var/lib/ahuora');
    }
  }); // prettier-ignore

  step('packages that cannot be fetched: the sentence has what apt says and names the cache on ingress', async () => {
    await host('ingress').must('systemctl stop apt-cacher-ng');
    await host('worker-1').must('mv /var/lib/apt/lists /var/lib/apt/kept');
    try {
      const missing = JSON.stringify({ prereq_packages: ['restic'] });
      const outcome = await engineer().playbook('site', ['--tags', 'ntp', '--limit', 'worker-1', '--extra-vars', missing]);
      expect(outcome.status).not.toBe(0);
      expect(words(outcome)).toMatch(/worker-1: apt does not install restic \(.*\)\. Its lists of packages cannot be fetched: W: .*192\.168\.100\.101:3142/);
      expect(words(outcome)).toContain('come here by the cache on ingress alone: look at `systemctl status apt-cacher-ng`');
    } finally {
      await host('worker-1').must('rm -rf /var/lib/apt/lists && mv /var/lib/apt/kept /var/lib/apt/lists');
      await host('ingress').must('systemctl start apt-cacher-ng');
    }
  }); // prettier-ignore

  step('a host that shows another key than before is named, and the new key is not written down', async () => {
    const key = '/etc/ssh/ssh_host_ed25519_key';
    const known = () => readFileSync(engineer().path('ssh', 'known_hosts'), 'utf8');
    const before = known();
    await host('worker-2').must(`cp -a ${key} ${key}.pub /root && rm ${key} && ssh-keygen -q -t ed25519 -N '' -f ${key} && systemctl restart ssh`);
    try {
      const outcome = await engineer().playbook('host-keys', ['-e', 'host_keys_accepted=yes']);
      expect(outcome.status).not.toBe(0);
      expect(words(outcome)).toMatch(/worker-2 \(192\.168\.100\.123\) shows 256 SHA256:\S+ .*which is not the key in/);
      expect(words(outcome)).toContain('forget the old one with `ssh-keygen -R 192.168.100.123`');
      expect(known()).toBe(before);
    } finally {
      await host('worker-2').must(`cp -a /root/ssh_host_ed25519_key /root/ssh_host_ed25519_key.pub /etc/ssh/ && rm /root/ssh_host_* && systemctl restart ssh`);
    }
  }); // prettier-ignore

  step("without sudo's password the first task says what is missing and what to type", async () => {
    const outcome = await engineer().playbook('site', ['--limit', 'ingress'], { becomePassword: false });
    expect(outcome.status).not.toBe(0);
    expect(words(outcome)).toContain('ahuora may not become root');
    expect(words(outcome)).toContain('add --ask-become-pass');
    expect(outcome.recap.get('ingress')!.changed).toBe(0);
  });

  step('the machine that runs Ansible is not rebooted by it; the person is told to', async () => {
    const before = await bootedAt('ingress');
    const left = await engineer().playbook('reboot', ['--limit', 'ingress'], { runsOn: 'ingress' });
    expect(left.status).toBe(0);
    expect(words(left)).toContain('ingress runs this playbook, so it was not rebooted: type `sudo reboot` there');
    // Nor by `site`, whose first run changes the firmware's settings.
    await host('ingress').must("sed -i 's/ cgroup_enable=memory//' /boot/firmware/cmdline.txt");
    const site = await engineer().playbook('site', ['--tags', 'raspberrypi', '--limit', 'ingress'], {
      runsOn: 'ingress',
    });
    expect([site.status, site.recap.get('ingress')!.changed]).toEqual([0, 1]);
    expect(words(site)).toContain('so it was not rebooted');
    expect(await bootedAt('ingress')).toBe(before);
    // From another machine it is.
    expect((await engineer().playbook('reboot', ['--limit', 'ingress'])).status).toBe(0);
    expect(await bootedAt('ingress')).not.toBe(before);
  });

  step("what is noise in every trial is off: apt's timers, and a CPU that changes its speed", async () => {
    const timers = 'apt-daily.timer apt-daily-upgrade.timer';
    for (const name of ['control', 'worker-1', 'worker-2'])
      expect((await host(name).run(`systemctl is-enabled ${timers}; systemctl is-active ${timers}`)).output).toBe(
        'disabled\ndisabled\ninactive\ninactive\n',
      );
    // The machine under the rack may govern nothing: a folder stands for what the kernel shows of its CPUs.
    const cpu = '/sys/devices/system/cpu';
    const governor = `${cpu}/cpufreq/policy0/scaling_governor`;
    await host('worker-1').must(`mount -t tmpfs none ${cpu} && mkdir -p ${cpu}/cpufreq/policy0 && echo ondemand >${governor}`);
    try {
      expect((await host('worker-1').run('systemctl is-enabled cpu-governor')).output).toBe('enabled\n');
      await host('worker-1').must('systemctl restart cpu-governor');
      expect(await host('worker-1').must(`cat ${governor}`)).toBe('performance');
    } finally {
      await host('worker-1').must(`umount ${cpu}`);
    }
  }); // prettier-ignore

  step('the public names lead to the server over the LAN on ingress, and to the internet elsewhere', async () => {
    for (const name of ['ahuora.org.nz', 'api.ahuora.org.nz', 'auth.ahuora.org.nz'])
      expect(await host('ingress').must(`getent hosts ${name}`)).toMatch(/^192\.168\.100\.121 /);
    await eventually('control has names', 30, async () =>
      (await host('control').run('getent hosts api.ahuora.org.nz')).output.startsWith(internet.address),
    );
  });

  step('kubectl works as typed on ingress, with a token of its own in a private file', async () => {
    expect(await host('ingress').must('su - ahuora -c "kubectl get nodes --output json"')).toContain('worker-2');
    expect(await host('ingress').must('stat -c "%a %U" /home/ahuora/.kube/config')).toBe('600 ahuora');
  });

  step('a rotated secret reaches the cluster by the command of its page, once', async () => {
    const [command] = documentedPlaybooks(['how-to/rotate-a-secret.md']);
    const args = command!.args.filter((argument) => !argument.startsWith('--ask-'));
    const whole = engineer().vault;
    const secrets = structuredClone(whole['secrets']) as Record<string, Record<string, string>>;
    secrets['ahuora/cloudflared']!['token'] = 'another-token';
    engineer().writeVaultWith({ ...whole, secrets });
    const rotated = await engineer().playbook('site', args);
    expect([rotated.status, rotated.recap.get('control')!.changed]).toEqual([0, 1]);
    expect(rotated.output).not.toContain('another-token');
    const seeded = await host('control').must('k3s kubectl --namespace ahuora get secret cloudflared --output json');
    expect(Buffer.from(JSON.parse(seeded).data.token, 'base64').toString()).toBe('another-token');
    expect((await engineer().playbook('site', args)).recap.get('control')!.changed).toBe(0);
  });

  step('Argo CD is handed over to once: neither a later run nor a start of K3s applies it again', async () => {
    const times = async () =>
      JSON.parse(await host('control').must('cat /var/lib/rancher/k3s/server/objects.json'))['application/argocd/root'].times;
    expect(await times()).toBe(1);
    await host('control').must('systemctl restart k3s');
    await eventually('control is Ready again', 60, () => isReady('control'));
    expect(await times()).toBe(1);
    const objects = Object.keys(JSON.parse(await host('control').must('cat /var/lib/rancher/k3s/server/objects.json')));
    expect(objects.filter((key) => key.startsWith('application/'))).toEqual(['application/argocd/root']);
    // Not even the values lie on the card in clear text.
    const token = (engineer().vault['secrets'] as Record<string, Record<string, string>>)['ahuora/cloudflared']!['token']!;
    const found = await host('control').run(`grep -rl ${token} /etc /home /root /tmp /var --exclude-dir=server; grep -rl ${token} /var/lib/rancher/k3s/server/manifests`);
    expect(found.output).toBe('');
  }); // prettier-ignore

  step('an agent that the server refuses makes site fail in bounded time, with the reason', async () => {
    const wrong = { k3s_agent_token: 'of-another-cluster', k3s_node_ready_seconds: 9 };
    const started = Date.now();
    const args = ['--tags', 'k3s', '--limit', 'worker-2', '--extra-vars', JSON.stringify(wrong)];
    const outcome = await engineer().playbook('site', args, { seconds: 150 });
    expect(outcome.status).not.toBe(0);
    expect((Date.now() - started) / 1000).toBeLessThan(90);
    expect(words(outcome)).toContain('worker-2: K3s is not up after 9 s. Its log ends:');
    expect(words(outcome)).toContain("the agent's token is not this cluster's");
    expect((await engineer().playbook('site', ['--tags', 'k3s', '--limit', 'worker-2'])).status).toBe(0);
  });

  step('while ingress is away for longer than a lease lasts every node keeps its address', async () => {
    const address = async (name: string) => /inet (192\.168\.100\.\d+)\/24.*\n\s+valid_lft (\w+)/.exec((await host(name).run('ip -4 address show dev eth0')).output);
    // As a board has it that asks for its address: the kernel takes it away by then.
    await host('worker-1').must('nmcli connection add type ethernet ifname eth0 con-name probe autoconnect no ipv4.method auto && nmcli --wait 30 connection up probe');
    const lease = Number(/^(\d+)sec$/.exec((await address('worker-1'))?.[2] ?? '')?.[1]);
    await host('worker-1').must('nmcli connection delete probe; nmcli --wait 12 connection up ahuora-lan || true');
    expect(lease).toBeLessThanOrEqual(120);
    await host('ingress').cutPower();
    try {
      await new Promise((resolve) => setTimeout(resolve, (lease + 10) * 1000));
      for (const name of ['control', 'worker-1', 'worker-2'])
        expect(`${name}: ${(await address(name))?.[1] ?? 'no address, since its lease has ended'}`).toBe(`${name}: ${host(name).plan.address}`);
    } finally {
      host('ingress').powerOn();
      await host('ingress').booted();
    }
  }); // prettier-ignore

  step('without ingress, and with a Wi-Fi that comes late, nodes start with address, route and K3s', async () => {
    const dhcp = (rule: string) => must('ip', ['netns', 'exec', rack().internetNamespace, 'nft', rule]);
    await dhcp('add table inet late { chain input { type filter hook input priority 0; udp dport 67 drop; }; }');
    try {
      await Promise.all(['ingress', 'control', 'worker-1'].map((name) => host(name).cutPower()));
      for (const name of ['control', 'worker-1']) host(name).powerOn();
      for (const name of ['control', 'worker-1']) {
        await host(name).booted();
        await eventually(`${name} has its address and a default route`, 30, async () => {
          const { output } = await host(name).run('ip -4 address show dev eth0; ip route show default');
          return output.includes(`${host(name).plan.address}/24`) && output.includes('default via 192.168.100.101');
        });
        expect(await host(name).must('ip address show dev eth0')).toMatch(/192\.168\.100\.\d+[^\n]*\n\s+valid_lft forever/);
      }
      await eventually('both are Ready', 120, async () => (await isReady('control')) && (await isReady('worker-1')));
    } finally {
      await dhcp('delete table inet late');
      host('ingress').powerOn();
      await host('ingress').booted();
    }
    await host('control').run('nmcli --wait 30 device connect wlan0');
    await eventually('the Wi-Fi goes before the way to ingress', 60, async () =>
      (await host('control').run(`ip route get ${internet.beyond}`)).output.includes('dev wlan0'),
    );
  }); // prettier-ignore
}
