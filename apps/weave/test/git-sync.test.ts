import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { followEvents, until } from '@weave-nn/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { note, openRemoteWorld, type RemoteWorld } from './fixture/remote.ts';
import { gitIn, initialise, serveRepositories } from './fixture/repository.ts';

describe('a vault and its remote', () => {
  let world: RemoteWorld;
  let { system, vault, other, elsewhere, bare, sync, push } = {} as RemoteWorld;

  beforeAll(async () => {
    world = await openRemoteWorld('merge');
    ({ system, vault, other, elsewhere, bare, sync, push } = world);
  });
  afterAll(() => world?.stop());
  afterEach(() => {
    vault.git('remote', 'set-url', 'origin', `file://${bare}`);
  });

  test('takes what others pushed as ordinary changes, and gives them its own', async () => {
    const events = await followEvents(system, '?type=vault.file.*');
    push('Theirs.md', 'from elsewhere\n');
    await system.put('Ours.md', 'from here\n');
    expect((await sync()).json).toMatchObject({
      state: 'synchronised',
      pulled: ['Theirs.md'],
      pushed: true,
      conflicts: [],
    });
    expect((await system.call('/v1/files/Theirs.md')).text).toBe('from elsewhere\n');
    const told = await until('it is told', () => events.events.find(({ event }) => event.subject === 'Theirs.md'));
    expect(told.event).toMatchObject({ type: 'vault.file.created', data: { origin: 'git', actor: 'git' } });
    await events.close();
    await until('nothing waits', async () => (await system.call('/v1/git/status')).json.pending.changes === 0);
    expect(vault.git('status', '--porcelain')).toBe('');
    expect(vault.subjects().filter((subject) => subject.includes('Theirs'))).toEqual([
      'Merge origin/main: Add Theirs.md',
      'Write Theirs.md',
    ]);
    other.git('pull', '-q', 'origin', 'main');
    expect(readFileSync(join(elsewhere, 'Ours.md'), 'utf8')).toBe('from here\n');
    expect((await sync()).json).toMatchObject({ state: 'up-to-date', pulled: [], pushed: false });
    expect((await system.call('/v1/git/status')).json.remote).toMatchObject({ name: 'origin', state: 'synchronised' });
  });

  test('brings edits of different lines of a note together', async () => {
    push('Shared.md', note.replace('first', 'FIRST'));
    await system.put('Shared.md', note.replace('third', 'THIRD'));
    expect((await sync()).json).toMatchObject({ pulled: ['Shared.md'], pushed: true, conflicts: [] });
    expect((await system.call('/v1/files/Shared.md')).text).toBe(
      note.replace('first', 'FIRST').replace('third', 'THIRD'),
    );
  });

  test('keeps both texts when the same line was changed, and says so, without marks in the note', async () => {
    const events = await followEvents(system, '?type=git.conflict');
    push('Words.md', note.replace('second', 'their'));
    await system.put('Words.md', note.replace('second', 'our'));
    const { json } = await sync();
    const [{ path, conflictPath }] = json.conflicts;
    expect(path).toBe('Words.md');
    expect(conflictPath).toMatch(/^Words \(conflict \d{4}-\d\d-\d\d \d{6}\)\.md$/);
    expect((await system.call('/v1/files/Words.md')).text).toBe(note.replace('second', 'our'));
    expect((await system.call(`/v1/files/${encodeURIComponent(conflictPath)}`)).text).toBe(
      note.replace('second', 'their'),
    );
    const told = await until('it is told', () => events.events[0]);
    expect(told.event).toMatchObject({ subject: 'Words.md', data: { path, conflictPath } });
    await events.close();
    other.git('pull', '-q', 'origin', 'main');
    expect(readdirSync(elsewhere)).toContain(conflictPath);
    expect(vault.tryGit('grep', '-l', '<<<<<<<', 'HEAD').stdout).toBe('');
  });

  test('keeps a note that one side changed and the other removed', async () => {
    other.git('pull', '-q', 'origin', 'main');
    other.git('rm', '-q', 'Removed.md');
    other.git('commit', '-qm', 'Remove it');
    other.git('push', '-q', 'origin', 'HEAD:main');
    await system.put('Removed.md', note.replace('second', 'our'));
    expect((await sync()).json.conflicts).toEqual([{ path: 'Removed.md', conflictPath: 'Removed.md' }]);
    expect((await system.call('/v1/files/Removed.md')).text).toBe(note.replace('second', 'our'));
  });

  test('brings settings along that are no notes, unless somebody has changed them here', async () => {
    push('.gitignore', 'Private/\n');
    expect((await sync()).json).toMatchObject({ pulled: ['.gitignore'] });
    expect(readFileSync(join(system.vault, '.gitignore'), 'utf8')).toBe('Private/\n');
    writeFileSync(join(system.vault, '.gitignore'), 'Private/\nmine\n');
    push('.gitignore', 'Private/\ntheirs\n');
    await sync();
    expect(readFileSync(join(system.vault, '.gitignore'), 'utf8')).toBe('Private/\nmine\n');
    expect(vault.git('show', 'HEAD:.gitignore')).toBe('Private/\ntheirs\n');
  });

  test("runs the hooks of commits and pushes without the secrets of the process, and none of git's own doings", async () => {
    const hooks = join(system.vault, '.git/hooks');
    mkdirSync(hooks, { recursive: true });
    for (const name of ['pre-push', 'post-commit', 'reference-transaction', 'pre-commit', 'post-index-change']) {
      writeFileSync(join(hooks, name), `#!/bin/sh\nenv >> '${world.folder}/${name}'\n`);
      chmodSync(join(hooks, name), 0o755);
    }
    process.env.DATABASE_PASSWORD = 'a secret';
    await system.put('Hooked.md', 'hooked\n');
    await system.post('/v1/git/commit', {});
    expect(vault.subjects()[0]).toBe('Add Hooked.md');
    const run = readdirSync(world.folder).filter((name) => /^(pre|post)-|^ref/.test(name));
    expect(run.sort()).toEqual(['post-commit', 'pre-commit']);
    await sync();
    for (const name of [...run, 'pre-push']) {
      expect(readFileSync(join(world.folder, name), 'utf8')).toMatch(/^PATH=/m);
      expect(readFileSync(join(world.folder, name), 'utf8')).not.toContain('a secret');
    }
    rmSync(hooks, { recursive: true });
    delete process.env.DATABASE_PASSWORD;
  });

  test('queues what it cannot reach, and gives it over the network as soon as it can', async () => {
    const daemon = await serveRepositories(world.folder);
    vault.git('remote', 'set-url', 'origin', `${daemon.url}/remote.git`);
    await system.put('Online.md', 'written online\n');
    expect((await sync()).json).toMatchObject({ state: 'synchronised', pushed: true });
    await daemon.stop();

    await system.put('Offline.md', 'written offline\n');
    expect((await sync()).json).toMatchObject({ state: 'queued', pushed: false });
    expect((await system.call('/v1/git/status')).json.remote).toMatchObject({
      state: 'queued',
      problem: { code: 'remote-unreachable' },
    });
    expect(vault.subjects()[0]).toBe('Add Offline.md');
    const again = await serveRepositories(world.folder, daemon.port);
    expect((await sync()).json).toMatchObject({ state: 'synchronised', pushed: true });
    await again.stop();
    expect(gitIn(bare).subjects()[0]).toBe('Add Offline.md');
  });

  test('queues what was pushed too late, since somebody else always is quicker', async () => {
    const ahead = join(world.folder, 'ahead.git');
    vault.git('clone', '-q', '--bare', bare, ahead);
    other.git('pull', '-q', '--rebase', 'origin', 'main');
    other.git('commit', '-q', '--allow-empty', '-m', 'Quicker');
    other.git('push', '-q', ahead, 'HEAD:main');
    other.git('reset', '-q', '--hard', 'origin/main');
    vault.git('config', 'remote.origin.pushurl', ahead);
    await system.put('Late.md', 'written too late\n');
    expect((await sync()).json).toMatchObject({
      state: 'queued',
      reason: 'somebody has pushed in the same moment; it is retried',
    });
    vault.git('config', '--unset', 'remote.origin.pushurl');
    expect((await sync()).json).toMatchObject({ state: 'synchronised', pushed: true });
  });

  test('says what a remote refuses', async () => {
    const hook = join(bare, 'hooks/pre-receive');
    writeFileSync(hook, '#!/bin/sh\necho only on weekdays\nexit 1\n');
    chmodSync(hook, 0o755);
    await system.put('Refused.md', 'written on a Sunday\n');
    expect((await sync()).json).toMatchObject({ code: 'remote-refused' });
    rmSync(hook);
    expect((await sync()).json).toMatchObject({ state: 'synchronised', pushed: true });
  });

  test('says at once that a remote wants a password, which nobody can be asked for', async () => {
    const server = createServer((_request, response) => {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="notes"' }).end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    vault.git('remote', 'set-url', 'origin', `http://ana:secret@127.0.0.1:${port}/notes.git`);
    const { json } = await sync();
    expect(json).toMatchObject({ status: 503, code: 'remote-authentication' });
    expect(json.detail).not.toContain('secret');
    vault.git('remote', 'set-url', 'origin', `http://127.0.0.1:${port}/notes.git`);
    expect((await sync()).json).toMatchObject({ code: 'remote-authentication' });
    server.close();
  });

  test('says what is wrong with a remote that is not there, has another past, or was never named', async () => {
    vault.git('remote', 'set-url', 'origin', `file://${world.folder}/nowhere.git`);
    expect((await sync()).json).toMatchObject({ state: 'queued', reason: expect.stringContaining('no repository') });
    vault.git('remote', 'remove', 'origin');
    expect((await sync()).json).toMatchObject({ status: 409, code: 'remote-unknown' });
    const unrelated = join(world.folder, 'unrelated');
    const stranger = initialise(unrelated);
    writeFileSync(join(unrelated, 'x.md'), 'x\n');
    stranger.git('add', '-A');
    stranger.git('commit', '-qm', 'Another beginning');
    vault.git('remote', 'add', 'origin', `file://${unrelated}`);
    expect((await sync()).json).toMatchObject({ status: 409, code: 'remote-unrelated' });
    expect(existsSync(join(system.vault, 'x.md'))).toBe(false);
  });
});

describe('a vault that is set to rebase', () => {
  test('puts its commits upon those of others when it is set to rebase', async () => {
    const { system, vault, push, sync, stop } = await openRemoteWorld('rebase');
    push('Theirs.md', 'from elsewhere\n');
    await system.put('Ours.md', 'from here\n');
    expect((await sync()).json).toMatchObject({ pulled: ['Theirs.md'], pushed: true });
    expect(vault.git('log', '--merges', '--format=%H')).toBe('');
    expect(vault.subjects().slice(0, 2)).toEqual(['Add Ours.md', 'Write Theirs.md']);
    expect(vault.git('log', '-1', '--format=%an')).toBe('key:default\n');
    push('Shared.md', note.replace('second', 'their'));
    await system.put('Shared.md', note.replace('second', 'our'));
    expect((await sync()).json.conflicts).toHaveLength(1);
    expect(vault.git('status', '--porcelain')).toBe('');
    await stop();
  });

  test('keeps what a merge has settled that was not pushed yet', async () => {
    const { system, bare, push, sync, stop } = await openRemoteWorld('rebase');
    const hook = join(bare, 'hooks/pre-receive');
    push('Shared.md', note.replace('second', 'their'));
    await system.put('Shared.md', note.replace('second', 'our'));
    writeFileSync(hook, '#!/bin/sh\nexit 1\n');
    chmodSync(hook, 0o755);
    expect((await sync()).status).toBeGreaterThanOrEqual(400);
    rmSync(hook);
    const kept = readdirSync(system.vault).filter((name) => name.includes('(conflict '));
    expect(kept).toHaveLength(1);
    push('Shared.md', note);
    expect((await sync()).json).toMatchObject({ pushed: true });
    expect(readdirSync(system.vault)).toContain(kept[0]);
    expect(readFileSync(join(system.vault, kept[0] ?? ''), 'utf8')).toBe(note.replace('second', 'their'));
    await stop();
  });
});
