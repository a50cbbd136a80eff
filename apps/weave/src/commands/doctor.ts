import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { type GitStatus, hasCaughtUp, type SystemProgress, type Verification } from '@weave-nn/clients';
import { type Environment, pause, systemRuntime } from '@weave-nn/config';
import { createProcess } from '@weave-nn/service';
import { findRunning } from '../connection.ts';
import { dataDirectoryOf } from '../environment.ts';
import { exitCodes } from '../errors.ts';
import { print } from '../output.ts';
import { services } from '../services.ts';
import { version } from '../version.ts';

/** One thing looked at, and what is wrong with it. */
interface Examined {
  name: string;
  ok: boolean;
  detail: string;
}

const WAIT_FOR_INDEX = 60_000;
const POLL_INTERVAL_MS = 100;
const SHOWN = 10;

/** Looks at the machine, the vault and the agreement of all that is stored. */
export async function doctor(environment: Environment, json: boolean): Promise<number> {
  const examined = [examineNode(), examineVault(environment), examineWatches()];
  const [, vault] = examined;
  if (vault?.ok) examined.push(...(await examineAgreement(environment)));
  print(json, { ok: examined.every(({ ok }) => ok), checks: examined }, () =>
    examined.map(({ name, ok, detail }) => `${ok ? 'ok   ' : 'WRONG'} ${name}: ${detail}`),
  );
  return examined.every(({ ok }) => ok) ? exitCodes.ok : exitCodes.failed;
}

function examineNode(): Examined {
  const [major = 0] = process.versions.node.split('.').map(Number);
  return { name: 'node', ok: major >= 24, detail: `version ${process.versions.node}` };
}

function examineVault({ VAULT_PATH = '' }: Environment): Examined {
  try {
    if (!statSync(VAULT_PATH).isDirectory()) return { name: 'vault', ok: false, detail: `${VAULT_PATH} is no folder` };
    accessSync(VAULT_PATH, constants.R_OK | constants.W_OK);
    return { name: 'vault', ok: true, detail: `${VAULT_PATH} can be read and written` };
  } catch (error) {
    return { name: 'vault', ok: false, detail: (error as Error).message };
  }
}

/** Linux limits how many folders can be watched; beyond that only scans find changes. */
function examineWatches(): Examined {
  const name = 'file watching';
  try {
    const most = Number(readFileSync('/proc/sys/fs/inotify/max_user_watches', 'utf8'));
    const enough = 1_000;
    return { name, ok: most >= enough, detail: `up to ${most} folders (fs.inotify.max_user_watches)` };
  } catch {
    return { name, ok: true, detail: 'no limit known on this system' };
  }
}

function toExamined({ checks }: Verification): Examined[] {
  return checks.map(({ name, checked, disagreements }) => {
    const shown = disagreements.slice(0, SHOWN).map(({ subject, problem }) => `\n        ${subject}: ${problem}`);
    const more = disagreements.length > SHOWN ? `\n        and ${disagreements.length - SHOWN} more` : '';
    const detail = disagreements.length === 0 ? `${checked} agree` : `they disagree${shown.join('')}${more}`;
    return { name, ok: disagreements.length === 0, detail };
  });
}

/** Files that Weave-NN leaves alone because of their names; nothing is wrong with what is stored. */
function examineNames(sides: readonly Verification[]): Examined[] {
  const excluded = sides.flatMap((side) => side.excluded ?? []);
  if (excluded.length === 0) return [];
  const shown = excluded.slice(0, SHOWN).map(({ path, reason }) => `\n        ${path}: ${reason}`);
  const more = excluded.length > SHOWN ? `\n        and ${excluded.length - SHOWN} more` : '';
  return [{ name: 'names', ok: true, detail: `these are not part of the vault${shown.join('')}${more}` }];
}

/** What is only off, or waits for its owner, is as it is to be; a repository that cannot be used is not. */
function examineHistory(status: GitStatus): Examined {
  const { state, problem, branch, pending, findings, remote, hooks, signing } = status;
  const blocked = findings.filter(({ level }) => level === 'block').length;
  const said = [
    problem === null ? `changes are committed to ${branch}` : problem.detail,
    ...(pending.changes > 0 ? [`${pending.changes} changes are not committed yet`] : []),
    ...(blocked > 0 ? [`${blocked} files are kept back by rules`] : []),
    ...(hooks.found.length > 0 && !hooks.run
      ? [`GIT_COMMIT_HOOKS=false keeps the hooks of the repository from being run (${hooks.found.join(', ')})`]
      : []),
    ...(signing.wanted && !signing.signed
      ? ['GIT_COMMIT_SIGN=false leaves commits unsigned, though commit.gpgsign asks for signatures']
      : []),
    ...(remote?.problem ? [`${remote.name}: ${remote.problem.detail}`] : []),
  ];
  return { name: 'history', ok: state !== 'unavailable', detail: said.join('; ') };
}

async function examineAgreement(environment: Environment): Promise<Examined[]> {
  const running = findRunning(environment);
  if (running) {
    for (let waited = 0; waited < WAIT_FOR_INDEX; waited += POLL_INTERVAL_MS) {
      if (hasCaughtUp(await running.call<SystemProgress>('/v1/system'))) break;
      await pause(systemRuntime, POLL_INTERVAL_MS);
    }
    const verification = await running.call<Verification>('/v1/system/check');
    const checks = [...toExamined(verification), ...examineNames([verification])];
    const history = examineHistory(await running.call<GitStatus>('/v1/git/status'));
    return [{ name: 'process', ok: true, detail: `${running.pid} serves ${running.url}` }, ...checks, history];
  }
  const stopped = await createProcess({
    definitions: services,
    environment: { ...environment, LOG_LEVEL: 'silent' },
    version,
  });
  try {
    const { file, git, mcpSync, task } = stopped.clients;
    const sides = [await file.verify(), await mcpSync.verify(), await task.verify()];
    const detail = `none runs on ${dataDirectoryOf(environment)}; what it left is looked at`;
    const history = examineHistory(await git.status());
    return [{ name: 'process', ok: true, detail }, ...sides.flatMap(toExamined), ...examineNames(sides), history];
  } finally {
    await stopped.stop();
  }
}
