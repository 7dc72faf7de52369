import type { PlacedObject } from '../objects/placed-object';
import { isPlaced } from '../objects/kinds';
import { asList, asTexts } from '../objects/pod-template';
import { inContainer } from '../container-rule';
import { objectRule, podRule, type Rule } from '../rule';

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
        const busy = /\bsleep\s+"?(0|\$\{\w+:-0\})"?(?=\s|;|$)/m.exec(text)?.[0];
        if (busy) yield { at, field, message: `${busy} keeps a core of the node busy for nothing` };
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
  podRule(
    {
      id: 'commands-can-be-read',
      why: 'A shell that cannot read its command ends at once, and says so in the log of a pod that never starts.',
      remedy: 'end each do with done, each if with fi and each case with esac',
    },
    function* (pod) {
      for (const container of pod.containers) {
        const words = [...asTexts(container.spec.command), ...asTexts(container.spec.args)];
        const text = /(^|\/)(ba|da|a)?sh$/.test(words[0] ?? '') ? words[words.indexOf('-c') + 1] : undefined;
        if (text === undefined || !words.includes('-c')) continue;
        const bare = text.replace(/'[^']*'|"[^"]*"/g, "''");
        const count = (word: string) =>
          [...bare.matchAll(new RegExp(`(?:^|[\\s;&|(])${word}(?=$|[\\s;&|)])`, 'g'))].length;
        const open = [
          ['do', 'done'],
          ['if', 'fi'],
          ['case', 'esac'],
        ].find(([begin, end]) => count(begin!) !== count(end!));
        if (open)
          yield inContainer(
            pod,
            container,
            'command',
            `${open[0]} stands ${count(open[0]!)} times, and ${open[1]} ${count(open[1]!)} times`,
          );
      }
    },
  ),
  podRule(
    {
      id: 'first-start-scripts-run-by-themselves',
      why: 'What the image of Postgres may not execute it reads into its own shell, and an exec in it takes the place of the server.',
      remedy: 'give the ConfigMap a defaultMode of 0555',
    },
    function* (pod) {
      const volumes = asList(pod.spec.volumes);
      for (const container of pod.containers) {
        for (const [index, { name, mountPath }] of asList(container.spec.volumeMounts).entries()) {
          const { configMap } = volumes.find((volume) => volume.name === name) ?? {};
          if (mountPath !== '/docker-entrypoint-initdb.d' || !configMap) continue;
          if (((configMap.defaultMode ?? 0o644) & 0o111) === 0o111) continue;
          yield inContainer(pod, container, `volumeMounts[${index}]`, `files of ${configMap.name} cannot be executed`);
        }
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
