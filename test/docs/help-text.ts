/** The words of a line as a shell splits them. */
export function wordsOf(line: string): string[] {
  return [...line.matchAll(/(?:[^\s'"]|'[^']*'|"[^"]*")+/g)].map(([word]) => word.replaceAll(/^['"]|['"]$/g, ''));
}

/** Flags of a line, each by itself: `-it` is `-i` and `-t`. */
const flagsOf = (words: readonly string[]) =>
  words
    .filter((word) => /^--?[a-z]/.test(word))
    .map((word) => word.split('=')[0]!)
    .flatMap((flag) => (/^-[a-z]{2,}$/.test(flag) ? [...flag.slice(1)].map((letter) => `-${letter}`) : [flag]));

/** Flags of a line that a text of help does not have. */
export const unknownFlags = (words: readonly string[], help: string): string[] =>
  flagsOf(words).filter((flag) => !new RegExp(`(^|[\\s,[])${flag}([\\s,=<[\\]]|$)`, 'm').test(help));

/** What stands of one flag in a text of help, up to the next flag. */
const toldOf = (flag: string, help: string): string =>
  new RegExp(`(?:^|[\\s,])(?:-\\w, )?${flag}[ =<[][^]*?(?=\\n +-|\\n\\n|$)`).exec(help)?.[0].replaceAll(/\s+/g, ' ') ??
  '';

/** Values that a line gives to flags whose help names the choices, and that are none of them: `--site: moon`. */
export function wrongChoices(words: readonly string[], help: string): string[] {
  return words.flatMap((flag, index) => {
    if (!flag.startsWith('--')) return [];
    const choices = /\(choices: ((?:"[^"]+",? ?)+)/.exec(toldOf(flag, help))?.[1];
    if (choices === undefined) return [];
    const allowed = [...choices.matchAll(/"([^"]+)"/g)].map(([, choice]) => choice!);
    const rest = words.slice(index + 1);
    const end = rest.findIndex((word) => word.startsWith('-'));
    const values = (end < 0 ? rest : rest.slice(0, end)).filter((_word, at) => at === 0 || toldOf(flag, help).includes('...'));
    return values.filter((value) => !allowed.includes(value)).map((value) => `${flag}: ${value}`);
  });
} // prettier-ignore

/** Words of a line that are no flag and no value of one, beyond what the first line of a help takes. */
export function wordsTooMany(words: readonly string[], help: string): string[] {
  const valueOf = (flag: string) => new RegExp(`(?:^|[\\s,])${flag}(?:, --[\\w-]+)? ([<[]\\S+)`, 'm').exec(help)?.[1];
  let left = 0;
  const plain = words.filter((word) => {
    if (word.startsWith('-')) {
      const value = valueOf(word);
      left = value === undefined ? 0 : value.includes('...') ? Infinity : 1;
      return false;
    }
    return left-- <= 0;
  });
  const usage = help.split('\n')[0]!.replace('[options]', '');
  return /\.\.\./.test(usage) ? [] : plain.slice([...usage.matchAll(/[<[][^\]>]+[\]>]/g)].length);
}
