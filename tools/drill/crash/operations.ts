import { randomUUID } from 'node:crypto';
import { encodePath } from '@weave-nn/testing';
import { editSection } from '@weave-nn/vault';
import type { Random } from '../../generate/random.ts';
import { hashOf, type World } from './world.ts';

/** One write over HTTP, and what it makes of the client's part of the vault. */
export interface Operation {
  kind: string;
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string;
  after: World;
  /** The ETag that the answer should have, where it has one. */
  etag?: string;
  /** Texts that must be in the trash afterwards. */
  trashed: string[];
}

/** What operations are drawn from. */
export interface Hand {
  random: Random;
  folder: string;
  world: World;
  /** Counts what was written, so that no two texts or names are the same. */
  next(): number;
}

const json = { 'content-type': 'application/json' };
const HEADING = 'Log';

function notesOf(world: World): string[] {
  return [...world.keys()].filter((path) => !path.startsWith('hub:'));
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1, -'.md'.length);
}

function newPath({ random, folder, next }: Hand): string {
  return `${folder}/${random.pick(['', 'a/', 'b/', 'b/c/'])}${folder}-${next()}.md`;
}

/** A note that links to others of the same client. */
export function writeText({ random, folder, world, next }: Hand): string {
  const others = notesOf(world);
  const links = others.length > 0 ? [1, 2].map(() => `[[${nameOf(random.pick(others))}]]`).join(' and ') : 'nothing';
  const filler = 'and so it goes on '.repeat(random.chance(0.1) ? random.integer(100, 4_000) : random.integer(0, 20));
  return `# ${folder} ${next()}\n\nSee ${links}. ${filler}\n\n## ${HEADING}\n\n- entry ${next()}\n`;
}

function changed(world: World, path: string, text: string): World {
  return new Map(world).set(path, text);
}

function put(hand: Hand, kind: 'create' | 'replace', path: string): Operation {
  const text = writeText(hand);
  const before = hand.world.get(path);
  const headers = before === undefined ? { 'if-none-match': '*' } : { 'if-match': `"${hashOf(before)}"` };
  const url = `/v1/files/${encodePath(path)}`;
  const after = changed(hand.world, path, text);
  return { kind, method: 'PUT', url, headers, body: text, after, etag: hashOf(text), trashed: [] };
}

function append(hand: Hand, path: string, before: string): Operation {
  const body = `- entry ${hand.next()}\n`;
  const text = before + body;
  const headers = { 'idempotency-key': randomUUID() };
  const url = `/v1/files/${encodePath(path)}`;
  const after = changed(hand.world, path, text);
  return { kind: 'append', method: 'POST', url, headers, body, after, etag: hashOf(text), trashed: [] };
}

function edit(hand: Hand, path: string, before: string): Operation {
  const content = `- entry ${hand.next()}\n`;
  const text = editSection(before, { target: { type: 'heading', path: [HEADING] }, operation: 'append', content });
  const body = JSON.stringify({ target: { heading: HEADING }, operation: 'append', content });
  const url = `/v1/files/${encodePath(path)}`;
  const headers = { ...json, 'if-match': `"${hashOf(before)}"` };
  const after = changed(hand.world, path, text);
  return { kind: 'edit', method: 'PATCH', url, headers, body, after, etag: hashOf(text), trashed: [] };
}

function remove(hand: Hand, path: string, before: string): Operation {
  const permanent = hand.random.chance(0.3);
  const after = new Map(hand.world);
  after.delete(path);
  const url = `/v1/files/${encodePath(path)}${permanent ? '?permanent=true' : ''}`;
  return { kind: 'delete', method: 'DELETE', url, headers: {}, body: '', after, trashed: permanent ? [] : [before] };
}

/** Gives a note another name: every link of the client's notes and of the shared note follows. */
function move(hand: Hand, from: string): Operation {
  const to = newPath(hand);
  const [old, name] = [nameOf(from), nameOf(to)];
  const after = new Map<string, string>();
  for (const [path, text] of hand.world) {
    if (path.startsWith('hub:')) after.set(path, text === old ? name : text);
    else after.set(path === from ? to : path, text.replaceAll(`[[${old}]]`, `[[${name}]]`));
  }
  const headers = { ...json, 'idempotency-key': randomUUID() };
  const body = JSON.stringify({ from, to });
  return { kind: 'move', method: 'POST', url: '/v1/files:move', headers, body, after, trashed: [] };
}

function batch(hand: Hand, paths: readonly string[]): Operation {
  const { random, world } = hand;
  const after = new Map(world);
  const operations: object[] = [];
  const trashed: string[] = [];
  const victim = random.chance(0.4) ? random.pick(paths) : undefined;
  const puts = random.integer(2, 5);
  for (let count = 0; count < puts; count++) {
    const path = random.chance(0.5) ? newPath(hand) : random.pick(paths);
    if (path === victim) continue;
    const content = writeText(hand);
    after.set(path, content);
    operations.push({ op: 'put', path, content });
  }
  if (victim !== undefined) {
    operations.push({ op: 'delete', path: victim });
    trashed.push(after.get(victim) ?? '');
    after.delete(victim);
  }
  const headers = { ...json, 'idempotency-key': randomUUID() };
  const body = JSON.stringify({ operations });
  return { kind: 'batch', method: 'POST', url: '/v1/files:batch', headers, body, after, trashed };
}

const FEWEST = 8;
const MOST = 60;

/** Chooses what to do next, such that the number of notes stays about the same. */
export function chooseOperation(hand: Hand): Operation {
  const { random, world } = hand;
  const paths = notesOf(world);
  if (paths.length < FEWEST) return put(hand, 'create', newPath(hand));
  const path = random.pick(paths);
  const text = world.get(path) ?? '';
  if (paths.length > MOST) return remove(hand, path, text);
  const dice = random.next();
  if (dice < 0.2) return put(hand, 'create', newPath(hand));
  if (dice < 0.42) return put(hand, 'replace', path);
  if (dice < 0.57) return append(hand, path, text);
  if (dice < 0.69) return edit(hand, path, text);
  if (dice < 0.77) return remove(hand, path, text);
  if (dice < 0.9) return move(hand, path);
  return batch(hand, paths);
}
