import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const docs = join(__dirname, '..', '..', 'docs');

/** One `ansible-playbook` command of a page. */
export interface DocumentedPlaybook {
  /** Page, from the folder docs. */
  readonly page: string;
  /** The whole command. */
  readonly line: string;
  readonly playbook: string;
  /** Arguments after the playbook, those that ask for passwords included. */
  readonly args: readonly string[];
}

/** Commands that a page's indented, fenced and inline code gives to type, in the order of the page. */
export function commandsOf(page: string): string[] {
  const lines = readFileSync(join(docs, page), 'utf8').split('\n');
  let fenced = false;
  return lines.flatMap((line) => {
    if (line.trimStart().startsWith('```')) {
      fenced = !fenced;
      return [];
    }
    // Code is indented by four columns, in a list by more; what stands behind `    #` is said of the command.
    if (fenced || line.startsWith('    ')) return [line.trim().replace(/ {2,}#.*$/, '')].filter((each) => each !== '');
    return [...line.matchAll(/`([^`]+)`/g)].map((match) => match[1]!);
  });
}

/** Every page, from the folder docs. */
const pages = (): string[] =>
  readdirSync(docs, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.md')).sort(); // prettier-ignore

/** Every `ansible-playbook` command of the pages; a mention of the program alone is none. */
export function documentedPlaybooks(names: readonly string[] = pages()): DocumentedPlaybook[] {
  return names.flatMap((page) =>
    commandsOf(page)
      .filter((line) => /^ansible-playbook\s/.test(line))
      .map((line) => {
        const [, playbook = '', ...args] = line.split(/\s+/);
        return { page, line, playbook, args };
      }),
  );
}

/** Walks a page: gives its commands one after another, and knows which were left out. */
export class Walk {
  private readonly left: DocumentedPlaybook[];

  constructor(page: string) {
    this.left = documentedPlaybooks([page]);
  }

  /** Arguments of the page's next command, which must be of this playbook; without those that ask for a password. */
  next(playbook: string): string[] {
    const command = this.left.shift();
    if (command?.playbook !== `playbooks/${playbook}.yml`)
      throw new Error(`the page's next command is ${command?.line ?? 'none'}, not one of ${playbook}`);
    return command.args.filter((argument) => !/^--ask-(vault|become)-pass$/.test(argument));
  }

  /** Commands not walked yet. */
  get rest(): string[] {
    return this.left.map(({ line }) => line);
  }
}
