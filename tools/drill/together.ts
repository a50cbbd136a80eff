import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { encodePath, temporaryFolder } from '@weave-nn/testing';
import { createRandom } from '../generate/random.ts';
import { generateVault } from '../generate/vault.ts';
import { createEditor } from './crash/editor.ts';
import { createTally, describeTally, type Tally, toOutcome } from './crash/tally.ts';
import { type Drill, say } from './drill.ts';
import { runWeave, startWeave, type WeaveChild } from './weave-process.ts';

const DIFFERING = 0.1;
const EDITED = 50;
const SCRIPTED = 30;

function git(vault: string, ...args: string[]): string {
  const identity = ['-c', 'user.name=drill', '-c', 'user.email=drill@example.com', '-c', 'gc.auto=0'];
  return execFileSync('git', [...identity, ...args], {
    cwd: vault,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Two branches that differ in these notes: some changed, some deleted, some added. */
function makeBranches(vault: string, paths: readonly string[]) {
  git(vault, 'init', '--quiet', '--initial-branch=one');
  git(vault, 'add', '--all');
  git(vault, 'commit', '--quiet', '--message=one');
  git(vault, 'checkout', '--quiet', '-b', 'two');
  for (const [index, path] of paths.entries()) {
    const file = join(vault, path);
    if (index % 10 === 0) git(vault, 'rm', '--quiet', '--', path);
    else if (index % 10 === 1) git(vault, 'mv', '--', path, path.replace(/\.md$/, ' renamed.md'));
    else writeFileSync(file, `${readFileSync(file, 'utf8')}\nOn branch two.\n`);
  }
  git(vault, 'add', '--all');
  git(vault, 'commit', '--quiet', '--message=two');
  git(vault, 'checkout', '--quiet', 'one');
}

/** A script that appends to notes of its own, and knows what must be in them. */
async function runScript(api: WeaveChild, tally: Tally, goesOn: () => boolean): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for (let count = 0; goesOn(); count++) {
    const path = `Scripted/script-${count % SCRIPTED}.md`;
    const line = `- line ${count}\n`;
    const { status } = await api.call(`/v1/files/${encodePath(path)}`, { method: 'POST', body: line });
    tally.sent++;
    if (status >= 300) continue;
    tally.acknowledged++;
    texts.set(path, (texts.get(path) ?? '') + line);
  }
  return texts;
}

async function switchBranches(vault: string, weave: WeaveChild, times: number) {
  for (let turn = 1; turn <= times; turn++) {
    const branch = turn % 2 === 1 ? 'two' : 'one';
    const started = performance.now();
    git(vault, 'checkout', '--quiet', branch);
    const switched = performance.now();
    const { json } = await weave.call('/v1/system');
    say(`  checkout ${branch}: ${Math.round(switched - started)} ms, then ${json.index.waiting} events waiting`);
    // Every second switch comes while the one before is still being taken in.
    if (turn % 2 === 0) await weave.settled();
  }
}

/** A person, a script and git change the same vault at once; all that is stored must agree in the end. */
export const together: Drill = {
  summary: 'an editor, a script and git checkout at once: [--notes 10000] [--switches 6] [--seed N]',
  short: ['--notes', '2000', '--switches', '6'],
  async run(args) {
    const { values } = parseArgs({
      args,
      options: {
        notes: { type: 'string', default: '10000' },
        switches: { type: 'string', default: '6' },
        seed: { type: 'string', default: '1' },
      },
    });
    const seed = Number(values.seed);
    const [vault, data] = [temporaryFolder('together-vault'), temporaryFolder('together-data')];
    const folders = { vault: vault.path, data: data.path };
    const { plan } = generateVault({ folder: vault.path, notes: Number(values.notes), seed });
    const paths = plan.notes.map(({ path }) => path);
    const differing = Math.round(paths.length * DIFFERING);
    makeBranches(vault.path, paths.slice(0, differing));
    const weave = await startWeave(folders);
    await weave.ready();
    await weave.settled();
    say(`${paths.length} notes indexed; the branches differ in ${differing}`);

    const tally = createTally();
    let going = true;
    const goesOn = () => going;
    const edited = paths.slice(differing, differing + EDITED).map((_, index) => `Edited/edited-${index}.md`);
    const editor = createEditor({ vault: vault.path, paths: edited, random: createRandom(seed, 4_000_000) });
    const editing = editor.work(tally, goesOn);
    const scripting = runScript(weave, tally, goesOn);
    await switchBranches(vault.path, weave, Number(values.switches));
    going = false;
    await editing;
    const texts = await scripting;
    editor.check(tally);
    for (const [path, text] of texts) {
      if (readFileSync(join(vault.path, path), 'utf8') !== text)
        tally.lost.push(`${path} is not what the script wrote`);
    }
    for (const name of readdirSync(vault.path, { recursive: true, encoding: 'utf8' })) {
      if (name.includes('(conflict ')) tally.odd.push(`a conflict note: ${name}`);
    }
    const doctor = await runWeave('doctor', folders);
    say(doctor.output.trim());
    if (doctor.code !== 0) tally.disagreements.push(`weave doctor ended with ${doctor.code}`);
    await weave.stop();
    for (const folder of [vault, data]) folder.remove();
    const outcome = toOutcome(tally);
    for (const problem of [...tally.lost, ...tally.odd, ...tally.disagreements]) say(`    ${problem}`);
    say(`${outcome.held ? 'held' : 'FAILED'}: ${texts.size} scripted notes; ${describeTally(tally)}`);
    return outcome;
  },
};
