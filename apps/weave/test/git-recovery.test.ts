import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { followEvents, type SpawnedSystem, spawnSystem, temporaryFolder, until } from '@weave-nn/testing';
import { afterAll, describe, expect, test } from 'vitest';
import { gitIn, initialise, isolated } from './fixture/repository.ts';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const realGit = execFileSync('which', ['git'], { encoding: 'utf8' }).trim();
const folder = temporaryFolder('git-recovery');
const crash = join(folder.path, 'crash');

/** A git that ends whoever calls it before or after it does something, if a file says so. */
function makeDeadlyGit(): string {
  const programs = join(folder.path, 'bin');
  mkdirSync(programs);
  const script = `#!/bin/sh
if [ -f '${crash}' ]; then
  read -r when word < '${crash}'
  case " $* " in *" $word "*)
    rm '${crash}'
    [ "$when" = before ] || '${realGit}' "$@"
    kill -9 "$PPID"
    exit 1
  esac
fi
exec '${realGit}' "$@"
`;
  writeFileSync(join(programs, 'git'), script);
  chmodSync(join(programs, 'git'), 0o755);
  return programs;
}

const PATH = `${makeDeadlyGit()}:${process.env.PATH}`;

const points: readonly [when: string, word: string][] = [
  ['before', 'commit-tree'],
  ['before', 'update-ref'],
  ['after', 'update-ref'],
  ['after', '--index-info'],
];

describe('a process that is killed', () => {
  afterAll(() => folder.remove());

  test('before, while or after it commits leaves changes that are committed once, and told of once', async () => {
    const [vault, data] = [join(folder.path, 'vault'), join(folder.path, 'data')];
    const person = initialise(vault);
    const environment = { ...isolated, PATH, GIT_COMMIT_QUIET_MS: '60' };
    const start = () => spawnSystem({ file: main, vault, data, environment });
    const isCommitted = async () => {
      const { pending } = (await system.call('/v1/git/status')).json;
      return pending.changes === 0 && person.git('status', '--porcelain') === '';
    };
    let system: SpawnedSystem = await start();
    for (const [when, word] of points) {
      writeFileSync(crash, `${when} ${word}\n`);
      await system.put(`${when} ${word}.md`, 'note\n');
      await until('it is killed', () => !existsSync(crash));
      await system.kill('SIGKILL');
      system = await start();
      await until('all is committed', isCommitted);
    }
    await system.put('Last.md', 'last\n');
    await until('all is committed', isCommitted);

    const names = [...points.map(([when, word]) => `${when} ${word}.md`), 'Last.md'];
    expect(person.subjects().reverse()).toEqual(names.map((name) => `Add ${name}`));
    const trailers = person.git('log', '--format=%(trailers:key=Weave-Event,valueonly)').trim().split(/\s+/);
    expect(new Set(trailers).size).toBe(names.length);
    const events = await followEvents(system, '?after=0&type=git.committed');
    await until('all are told', () => events.events.length >= names.length);
    const told = events.events.map(({ event }) => event.data.sha);
    expect(told).toEqual(person.git('log', '--reverse', '--format=%H').trim().split('\n'));
    await events.close();
    await system.kill('SIGTERM');
  });

  test('between writing what the remote has and moving the branch finishes that at its next start', async () => {
    const [vault, data, origin] = ['synced', 'synced-data', 'origin'].map((name) => join(folder.path, name)) as [
      string,
      string,
      string,
    ];
    const other = initialise(origin);
    writeFileSync(join(origin, 'Base.md'), 'base\n');
    other.git('add', '-A');
    other.git('commit', '-qm', 'Begin');
    gitIn(folder.path).git('clone', '-q', origin, vault);
    const person = gitIn(vault);
    other.git('checkout', '-q', '--detach');
    const environment = {
      ...isolated,
      PATH,
      GIT_COMMIT_QUIET_MS: '60',
      GIT_SYNC_REMOTE: 'origin',
      GIT_SYNC_INTERVAL: '0',
    };
    const start = () => spawnSystem({ file: main, vault, data, environment });
    let system = await start();
    expect((await system.post('/v1/git/sync', {})).json).toMatchObject({ state: 'up-to-date' });
    writeFileSync(join(origin, 'Theirs.md'), 'theirs\n');
    other.git('add', '-A');
    other.git('commit', '-qm', 'Write Theirs.md');
    other.git('branch', '-f', 'main');
    writeFileSync(crash, 'before update-ref\n');
    await system.post('/v1/git/sync', {}).catch(() => undefined);
    await system.kill('SIGKILL');
    expect(existsSync(join(vault, 'Theirs.md'))).toBe(true);
    expect(person.subjects()).toEqual(['Begin']);

    system = await start();
    await until('it is finished', () => person.head() === other.head());
    await until('nothing waits', async () => (await system.call('/v1/git/status')).json.pending.changes === 0);
    expect(person.subjects()).toEqual(['Write Theirs.md', 'Begin']);
    expect(person.git('status', '--porcelain')).toBe('');
    await system.kill('SIGTERM');
  });
});
