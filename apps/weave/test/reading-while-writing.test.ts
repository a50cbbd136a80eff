import { createHash } from 'node:crypto';
import { startSystem, type TestSystem, testKey } from '@weave-nn/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { services } from '../src/services.ts';

const ROUNDS = 40;
const READERS = 8;

let system: TestSystem;

beforeAll(async () => {
  system = await startSystem({ definitions: services, files: { 'Note.md': 'first\n' } });
});
afterAll(() => system.stop());

/** Reads a file again and again until the work is done; answers what came. */
async function readDuring(path: string, accept: string, work: () => Promise<unknown>) {
  let isDone = false;
  const answers: { status: number; etag: string | null; text: string }[] = [];
  const read = async () => {
    while (!isDone) {
      const headers = { authorization: `Bearer ${testKey}`, accept };
      const answer = await fetch(`${system.url}/v1/files/${path}`, { headers });
      answers.push({ status: answer.status, etag: answer.headers.get('etag'), text: await answer.text() });
    }
  };
  const reading = Promise.all(Array.from({ length: READERS }, read));
  await work();
  isDone = true;
  await reading;
  return answers;
}

const etagOf = (text: string) => `"${createHash('sha256').update(text).digest('hex')}"`;

describe('a file that is written meanwhile', () => {
  test.each(['*/*', 'application/json'])(
    'is read as one of its states, with the tag of that, as %s',
    async (accept) => {
      const answers = await readDuring('Note.md', accept, async () => {
        for (let round = 0; round < ROUNDS; round++) await system.put('Note.md', `${'text '.repeat(round)}\n`);
      });
      expect(answers.length).toBeGreaterThan(ROUNDS);
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
      for (const { etag, text } of answers) {
        const content = accept === '*/*' ? text : (JSON.parse(text) as { content: string }).content;
        expect(etag).toBe(etagOf(content));
      }
    },
  );

  test('is there or not there when it comes and goes', async () => {
    const answers = await readDuring('Comes.md', '*/*', async () => {
      for (let round = 0; round < ROUNDS; round++) {
        await system.put('Comes.md', `${round}\n`);
        await system.call('/v1/files/Comes.md?permanent=true', { method: 'DELETE' });
      }
    });
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 404]));
  });
});
