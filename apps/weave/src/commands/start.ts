import { type Environment, readVariable } from '@weave-nn/config';
import { createProcess, stopOnSignals, type WeaveProcess } from '@weave-nn/service';
import { showFirstIndex } from '../progress.ts';
import { services } from '../services.ts';
import { version } from '../version.ts';

/** Serves the vault until it is told to stop. */
export async function start(environment: Environment): Promise<void> {
  const quiet = process.stdout.isTTY && !environment.LOG_LEVEL ? { LOG_LEVEL: 'warn' } : {};
  const running = await createProcess({ definitions: services, environment: { ...environment, ...quiet }, version });
  stopOnSignals(running);
  const key = readVariable(environment, 'WEAVE_API_KEY') === undefined ? running.secret('api-key') : undefined;
  try {
    const url = await running.start();
    announce(running, url, key?.isNew ? key.value : undefined);
    await showFirstIndex(running);
  } catch (error) {
    await running.stop();
    throw error;
  }
}

function announce({ vaultPath, dataDir }: WeaveProcess, url: string, newKey: string | undefined) {
  const lines = [
    `Weave-NN ${version} serves ${vaultPath}`,
    `  URL   ${url}   (docs: ${url}/docs)`,
    newKey === undefined ? `  Key   as before (${dataDir}/api-key, or WEAVE_API_KEY)` : `  Key   ${newKey}`,
    `  Data  ${dataDir}`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}
