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

/** Commands that a page's indented and fenced code gives to type, with `inline` that of running text too, in the order of the page. */
function commandsOf(page: string, { inline = true } = {}): string[] {
  const lines = readFileSync(join(docs, page), 'utf8').split('\n');
  let fenced = false;
  return lines.flatMap((line) => {
    if (line.trimStart().startsWith('```')) {
      fenced = !fenced;
      return [];
    }
    // Code is indented by four columns, in a list by more; what stands behind `    #` is said of the command.
    if (fenced || line.startsWith('    ')) return [line.trim().replace(/ {2,}#.*$/, '')].filter((each) => each !== '');
    return !inline ? [] : [...line.matchAll(/`([^`]+)`/g)].map((match) => match[1]!);
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

/** Walks a page: gives what its blocks of code say to type, one command after another, and knows what was left out. */
export class Walk {
  private readonly left: string[];

  constructor(page: string) {
    this.left = commandsOf(page, { inline: false });
  }

  /**
   * Arguments of the page's next playbook, which must be this one; without those that ask for a password.
   *
   * @throws Error when the page's next playbook is another one.
   */
  next(playbook: string): string[] {
    const line = this.left.find((each) => each.startsWith('ansible-playbook '));
    if (line?.split(/\s+/)[1] !== `playbooks/${playbook}.yml`)
      throw new Error(`the page's next playbook is ${line ?? 'none'}, not one of ${playbook}`);
    this.left.splice(this.left.indexOf(line), 1);
    return line
      .split(/\s+/)
      .slice(2)
      .filter((argument) => !/^--ask-(vault|become)-pass$/.test(argument));
  }

  /**
   * The page's next command that starts with these words, whole, to be run as it stands there.
   *
   * @throws Error when no command that is left does.
   */
  take(start: string): string {
    const index = this.left.findIndex((line) => line.startsWith(start));
    if (index < 0)
      throw new Error(`the page says nowhere to type ${start}…; what is left of it: ${this.left.join('; ')}`);
    return this.left.splice(index, 1)[0]!;
  }

  /** Commands not walked yet. */
  get rest(): readonly string[] {
    return this.left;
  }
}
