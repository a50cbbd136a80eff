// Asks the service of this container how it is: `node health.mjs [path]`, `/health` unless told. Ends with 0 for yes.
// The service says in its data directory where it listens.
import { readFileSync } from 'node:fs';

const [path = '/health'] = process.argv.slice(2);
try {
  const { url } = JSON.parse(readFileSync(`${process.env.DATA_DIR}/instance.json`, 'utf8'));
  const { port } = new URL(url);
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(3_000) });
  process.stdout.write(`${answer.status} ${(await answer.text()).slice(0, 2_000)}\n`);
  process.exitCode = answer.ok ? 0 : 1;
} catch (error) {
  process.stdout.write(`${error.message}\n`);
  process.exitCode = 1;
}
