import { run, type CommandResult } from '../cluster/daemon';
import { said } from './command';

/** kubectl as administrator of a live cluster. */
export class Kubectl {
  constructor(
    private readonly program: string,
    readonly kubeconfig: string,
    private readonly home: string,
  ) {}

  /** Runs kubectl and returns status and outputs. */
  tryKubectl = (args: readonly string[], stdin?: string): Promise<CommandResult> =>
    run(this.program, ['--kubeconfig', this.kubeconfig, ...args], {
      input: stdin,
      env: { KUBECTL_KUBERC: 'false', HOME: this.home },
    });

  /** Runs kubectl and returns what it printed. @throws Error with the command and what it said, when it fails. */
  kubectl = async (args: readonly string[], stdin?: string): Promise<string> => {
    const result = await this.tryKubectl(args, stdin);
    if (result.status !== 0)
      throw new Error(`kubectl ${args.join(' ').slice(0, 200)} ended with status ${result.status}: ${said(result)}`);
    return result.stdout;
  };

  /** What `get` answers as JSON. */
  async get<T>(args: readonly string[]): Promise<T> {
    return JSON.parse(await this.kubectl(['get', ...args, '-o', 'json'])) as T;
  }

  /** Server-side apply of objects, in the name of K3s' deploy controller. */
  async apply(objects: readonly object[]): Promise<void> {
    await this.kubectl(
      ['apply', '--server-side', '--force-conflicts', '--field-manager=deploy@control', '-f', '-'],
      objects.map((object) => JSON.stringify(object)).join('\n---\n'),
    );
  }

  /** Runs a command in a container. */
  exec(namespace: string, pod: string, command: readonly string[], stdin?: string): Promise<CommandResult> {
    return this.tryKubectl(
      ['exec', ...(stdin === undefined ? [] : ['-i']), '-n', namespace, pod, '--', ...command],
      stdin,
    );
  }
}
