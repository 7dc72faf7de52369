import { resynthesise, ResynthesisError } from './resynthesise';

try {
  const changed = resynthesise(process.cwd());
  process.stdout.write(
    changed.length === 0 ? 'dist/ is in step; nothing to commit.\n' : `Committed ${changed.join(', ')}.\n`,
  );
} catch (error) {
  if (!(error instanceof ResynthesisError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
