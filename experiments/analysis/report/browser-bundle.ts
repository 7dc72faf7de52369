import { join } from 'node:path';
import { build, stop } from 'esbuild';
import { version as chartsVersion } from 'echarts/package.json';
import type { ResultCache } from '../measurement/cache';

/** The script that draws the plots, with the parts of the chart library that it uses, as one text for inlining. */
export async function browserBundle(cache: ResultCache): Promise<string> {
  const known = cache.get<string>('browser-bundle', chartsVersion);
  if (known !== undefined) return known;
  const { outputFiles } = await build({
    entryPoints: [join(__dirname, 'browser', 'main.ts')],
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    charset: 'utf8',
    legalComments: 'none',
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  await stop();
  // A closing tag inside a string would end the script element.
  const text = outputFiles[0].text.replaceAll('</script', '<\\/script');
  cache.set('browser-bundle', chartsVersion, text);
  return text;
}
