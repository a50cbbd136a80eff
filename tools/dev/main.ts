import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseEnv, styleText } from 'node:util';
import { contracts, variablePrefix } from '@weave-nn/clients';

const colours = ['cyan', 'magenta', 'yellow', 'green', 'blue', 'red', 'white'] as const;

function settings(file: string): NodeJS.Dict<string> {
  return existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {};
}

/** Where the services find each other when nothing else is said. */
function addresses(): Record<string, string> {
  const called = contracts.filter(({ name }) => name !== 'gateway');
  return Object.fromEntries(
    called.map(({ name, port }) => [`${variablePrefix(name)}_SERVICE_URL`, `http://127.0.0.1:${port}`]),
  );
}

function startService(service: string, environment: NodeJS.ProcessEnv, colour: (typeof colours)[number]): ChildProcess {
  const child = spawn(process.execPath, ['--watch', '--watch-preserve-output', `apps/${service}/src/main.ts`], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const prefix = styleText(colour, service.padEnd(12));
  for (const stream of [child.stdout, child.stderr]) {
    createInterface(stream).on('line', (line) => process.stdout.write(`${prefix} ${line}\n`));
  }
  return child;
}

const environment = { ...addresses(), ...settings('.env.example'), ...settings('.env'), ...process.env };
const children = contracts.map(({ name }, index) =>
  startService(name, environment, colours[index % colours.length] ?? 'white'),
);
process.stdout.write(
  `${children.length} services over the servers of .env; the way in is http://127.0.0.1:8000, the key WEAVE_API_KEY. Ctrl-C ends all.\n`,
);
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    for (const child of children) child.kill('SIGTERM');
  });
}
await Promise.all(children.map((child) => once(child, 'exit')));
