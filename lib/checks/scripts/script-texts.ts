import type { PlacedObject } from '../objects/placed-object';
import { isPlaced } from '../objects/kinds';
import { objectRule, type Rule } from '../rule';

/** Rules of what scripts of ConfigMaps say, whoever runs them: a container, an image by itself, or another script. */
export const scriptTextRules: readonly Rule[] = [
  objectRule(
    {
      id: 'scripts-show-no-values',
      why: 'A trace writes every command with the values of its variables into the log, passwords among them.',
      remedy: 'take -x out once the mistake is found',
    },
    function* (at) {
      for (const { field, text } of scriptFiles(at)) {
        const trace = /^\s*set\s+(-[a-wyz]*x\w*|-o\s+xtrace).*$|^#!.*[ \t]-[a-z]*x[a-z]*[ \t]*$/m.exec(text)?.[0];
        if (trace) yield { at, field, message: `"${trace.trim()}" writes each command with its values into the log` };
      }
    },
  ),
  objectRule(
    {
      id: 'scripts-notice-what-fails',
      why: 'A failure that nobody looks at ends as success: a dump that broke off in a pipe is kept as a whole one.',
      remedy: 'begin with set -euo pipefail, and wait for what runs in the background',
    },
    function* (at) {
      for (const { field, text } of scriptFiles(at)) {
        const isBash = /^#!.*\bbash\b/.test(text);
        const pipe = /^(?!\s*#).*[^|>]\|(?![|&]).*$/m.exec(withoutWords(text))?.[0];
        if (isBash && pipe !== undefined && !/^\s*set\s.*\bpipefail\b/m.test(text))
          yield { at, field, message: 'of commands that are piped only the failure of the last one is noticed' };
        for (const [, name = ''] of text.matchAll(/&\s*\n\s*(\w+)=\$!/g)) {
          const uses = [...text.matchAll(new RegExp(`\\$\\{?${name}\\b`, 'g'))].length;
          if (uses === 0) yield { at, field, message: `${name} runs in the background, and nothing asks how it ended` };
        }
      }
    },
  ),
  objectRule(
    {
      id: 'scripts-find-their-neighbours',
      why: 'A script that names a file which is not beside it ends there, with half of its work done.',
      remedy: 'correct the name, or add the file to the same ConfigMap',
    },
    function* (at) {
      if (!isPlaced(at, 'ConfigMap')) return;
      const files = Object.entries<string>(at.object.data ?? {});
      const names = files.map(([name]) => name);
      for (const [file, content] of files) {
        const text = String(content).replace(file.endsWith('.sql') ? /--.*$/gm : /^\s*#.*$/gm, '');
        const wanted = file.endsWith('.sql')
          ? [...text.matchAll(/^\\(?:ir|include_relative)\s+'?([\w.-]+)/gm)]
          : file.endsWith('.sh')
            ? [...text.matchAll(BESIDE)]
            : [];
        for (const [, name = ''] of wanted)
          if (!names.includes(name))
            yield { at, field: `data["${file}"]`, message: `it names ${name}, and beside it are ${names.join(', ')}` };
      }
    },
  ),
];

/** Below a variable that holds the script's own folder, or below dirname of the script itself. */
const BESIDE = /(?:\$\{?here\}?|\$\(dirname "?(?:\$0|\$\{BASH_SOURCE(?:\[0\])?\})"?\))"?\/([\w.-]+)/g;

/** Texts in quotes hold pipes that join no commands: expressions and messages. */
const withoutWords = (text: string) => text.replace(/'[^'\n]*'/g, "''").replace(/\\\n/g, ' ');

interface ScriptFile {
  readonly field: string;
  readonly text: string;
}

function scriptFiles(at: PlacedObject): ScriptFile[] {
  if (!isPlaced(at, 'ConfigMap')) return [];
  return Object.entries<string>(at.object.data ?? {})
    .filter(([file]) => file.endsWith('.sh'))
    .map(([file, text]) => ({
      field: `data["${file}"]`,
      text: String(text).replace(/^\s*#(?!!).*$/gm, ''),
    }));
}
