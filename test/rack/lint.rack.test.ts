import { readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ansibleFolder, ansiblePrograms } from './ansible';
import { run } from './command';
import { documentedPlaybooks } from './documented';

jest.setTimeout(10 * 60 * 1000);

describe('the Ansible files', () => {
  const lint = (file: string, args: readonly string[]) =>
    run(file, args, {
      cwd: ansibleFolder,
      seconds: 500,
      env: {
        PATH: `${ansiblePrograms()}${delimiter}${process.env['PATH']}`,
        ANSIBLE_HOME: join(ansiblePrograms(), '..', 'home'),
      },
    });

  it('pass ansible-lint with its production profile', async () => {
    expect(await lint('ansible-lint', ['--offline', '--nocolor', '-q', '--format=pep8', '.'])).toEqual({
      status: 0,
      output: '',
    });
  });

  it('pass yamllint', async () => {
    expect(await lint('yamllint', ['--config-file', '.yamllint', '--strict', '.'])).toEqual({ status: 0, output: '' });
  });
});

describe('every ansible-playbook command of the pages', () => {
  const all = documentedPlaybooks();
  const commands = all.filter(({ line }, index) => all.findIndex((each) => each.line === line) === index);
  const listed = async (args: readonly string[]) => {
    const outcome = await run(join(ansiblePrograms(), 'ansible-playbook'), [...args, '--list-tasks'], {
      cwd: ansibleFolder,
      env: { ANSIBLE_HOME: join(ansiblePrograms(), '..', 'home') },
    });
    return { ...outcome, tasks: [...outcome.output.matchAll(/^ {6}(.*)\tTAGS: \[(.*)\]$/gm)] };
  };
  const tagsWithoutTask = (args: readonly string[], tasks: readonly RegExpExecArray[]) =>
    (/--tags[ =](\S+)/.exec(args.join(' '))?.[1]?.split(',') ?? []).filter(
      (tag) => !tasks.some(([, , all]) => all!.split(', ').includes(tag)),
    );
  const withoutPrompts = (args: readonly string[]) => args.filter((each) => !/^--ask-(vault|become)-pass$/.test(each));

  it('is found by the parser, on the pages that have some', () => {
    expect(commands.length).toBeGreaterThan(12);
    expect(new Set(all.map(({ page }) => page)).size).toBeGreaterThan(5);
  });

  it.each(commands.map((command) => [`${command.page}: ${command.line}`, command] as const))(
    '%s runs in the folder ansible, and selects tasks beyond those that always run',
    async (_, { playbook, args }) => {
      const { status, output, tasks } = await listed([playbook, ...withoutPrompts(args)]);
      expect(`${status} ${status === 0 ? '' : output}`).toBe('0 ');
      expect(tasks.length).toBeGreaterThan(0);
      expect(tagsWithoutTask(args, tasks)).toEqual([]);
    },
  );

  it('on the machines with real K3s selects tasks too, with their inventory beside the real one', async () => {
    const script = readFileSync(join(ansibleFolder, '..', 'test', 'real-k3s', 'install.sh'), 'utf8').replaceAll(
      '\\\n',
      ' ',
    );
    const lines = [...script.matchAll(/^ *ansible-playbook "\$\{settings\[@\]\}" ([^|\n]*)/gm)].map(
      ([, args]) => args!,
    );
    expect(lines.length).toBeGreaterThan(4);
    const settings = ['inventory', '../test/real-k3s/hosts.yml'].flatMap((each) => ['--inventory', each]);
    const variables = ['--extra-vars', '@../test/real-k3s/variables.yml'];
    for (const line of lines) {
      const args = line.trim().split(/ +/);
      const { status, tasks } = await listed([...settings, ...variables, ...args]);
      expect([line, status]).toEqual([line, 0]);
      expect(tasks.length).toBeGreaterThan(0);
      expect(tagsWithoutTask(args, tasks)).toEqual([]);
    }
  });

  it('asks for the vault, which every playbook but the first stage needs, and for the password of sudo where it becomes root', () => {
    for (const { playbook, args, line } of commands.filter((each) => !each.playbook.endsWith('/stage.yml'))) {
      expect(line).toContain('--ask-vault-pass');
      const becomes = !playbook.endsWith('/host-keys.yml');
      expect(`${line} ${args.includes('--ask-become-pass')}`).toBe(`${line} ${becomes}`);
    }
  });
});
