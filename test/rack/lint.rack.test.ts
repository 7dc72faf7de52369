import { delimiter, join } from 'node:path';
import { ansibleFolder, ansiblePrograms } from './ansible';
import { run } from './command';

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
