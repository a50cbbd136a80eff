import { parseArgs } from 'node:util';
import { temporaryFolder, until, writeFiles } from '@weave-nn/testing';
import { type CampaignResult, fuzzFiles, runCampaign } from '@weave-nn/testing/fuzz';
import { type Drill, say } from './drill.ts';
import { isolated } from './everyone/repository.ts';
import { drillKey, startWeave, type WeaveChild } from './weave-process.ts';

const SHOWN = 30;
const MAX_SETTLING_MS = 120_000;

const settings = { ...isolated, GIT_AUTO_INIT: 'true', GIT_COMMIT_QUIET_MS: '1000' };

function readWish(args: string[]) {
  const { values } = parseArgs({
    args,
    options: {
      requests: { type: 'string', default: '100000' },
      seed: { type: 'string', default: String(Date.now() % 100_000) },
      only: { type: 'string', default: '' },
    },
  });
  return { requests: Number(values.requests), seed: Number(values.seed), only: values.only };
}

function show({ findings, statuses }: CampaignResult) {
  for (const [operation, counts] of statuses) {
    const all = [...counts].sort(([one], [other]) => one - other);
    say(`  ${operation.padEnd(36)} ${all.map(([status, count]) => `${status}: ${count}`).join('  ')}`);
  }
  for (const { operation, problem, request } of findings.slice(0, SHOWN)) {
    say(`    ${operation}: ${problem}\n      ${request}`);
  }
  if (findings.length > SHOWN) say(`    and ${findings.length - SHOWN} more`);
}

/** Whether the process is still there, ready, and has taken in all that it was sent. */
async function isWell(weave: WeaveChild): Promise<boolean> {
  if (weave.hasEnded()) return false;
  try {
    await weave.ready();
    await until(
      'index and tasks have caught up',
      async () => {
        const { index, tasks } = (await weave.call('/v1/system')).json;
        return index.waiting === 0 && tasks.waiting === 0 && !tasks.comparing;
      },
      MAX_SETTLING_MS,
    );
    return true;
  } catch (error) {
    say(`    ${(error as Error).message}`);
    return false;
  }
}

/** Sends the one process what no client should, made from its own OpenAPI description. */
export const fuzz: Drill = {
  summary:
    'valid, nearly valid and absurd requests of every operation of /openapi.json: [--requests 100000] [--seed N] [--only "PUT /v1/files"]',
  short: ['--requests', '5000', '--seed', '2'],
  async run(args) {
    const wish = readWish(args);
    const vault = temporaryFolder('fuzz-vault');
    const data = temporaryFolder('fuzz-data');
    writeFiles(vault.path, fuzzFiles);
    const weave = await startWeave({ vault: vault.path, data: data.path }, [], settings);
    say(`seed ${wish.seed}`);
    try {
      await weave.ready();
      const result = await runCampaign({ ...wish, url: weave.url, key: drillKey });
      show(result);
      const well = await isWell(weave);
      const held = well && result.findings.length === 0;
      if (!held) say(weave.log());
      say(`${held ? 'held' : 'FAILED'}: ${result.sent} requests, ${result.findings.length} wrong responses`);
      return {
        held,
        sent: result.sent,
        acknowledged: result.sent - result.findings.length,
        lost: 0,
        doubled: 0,
      };
    } finally {
      await weave.stop();
      vault.remove();
      data.remove();
    }
  },
};
