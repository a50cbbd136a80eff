import { setTimeout } from 'node:timers/promises';
import { encodePath } from '@weave-nn/testing';
import { linesOf } from './ledger.ts';
import { json, type PersonOptions } from './request.ts';
import { REQUESTS } from './task-person.ts';

const MAX_PAUSE_MS = 160;
const OWN_NOTES = 3;

/** Somebody who writes notes over HTTP: whole ones of its own, and lines into shared ones. */
export function createNotePerson({ by, notes, random, ledger, send }: PersonOptions) {
  /** A note of its own as it is, and its ETag. */
  async function read(path: string) {
    const { answer } = await send({ kind: 'read', method: 'GET', url: `/v1/files/${encodePath(path)}` });
    return answer.status === 200 ? { text: answer.text, etag: answer.headers.get('etag') ?? '' } : null;
  }

  function begin(path: string) {
    const { edit, title } = ledger.beginVersion(by, path, ledger.newLine(by));
    return { edit, raw: `- [ ] ${title} #sent` };
  }

  /** Writes one of its own notes anew, with a line that is newer than any it had. */
  async function put(): Promise<void> {
    const path = `Sent/Note ${random.integer(1, OWN_NOTES)}.md`;
    const before = await read(path);
    const [known] = before ? linesOf(before.text) : [];
    const { edit, title } = ledger.beginVersion(by, path, known?.name ?? ledger.newLine(by));
    const body = `# Sent\n\n${'and so on '.repeat(random.integer(0, 200))}\n\n- [ ] ${title} #sent\n`;
    const condition: Record<string, string> = before ? { 'if-match': before.etag } : { 'if-none-match': '*' };
    const url = `/v1/files/${encodePath(path)}`;
    const { answer, isRepeated } = await send({ kind: 'put', method: 'PUT', url, headers: condition, body });
    // Nobody else writes there: what is not as it was read was written by the same request before.
    if (answer.status < 400 || (isRepeated && answer.status === 412 && (await read(path))?.text === body)) {
      ledger.done(edit);
    } else ledger.drop(edit);
  }

  async function append(): Promise<void> {
    const path = random.pick(notes);
    const { edit, raw } = begin(path);
    const url = `/v1/files/${encodePath(path)}`;
    const headers = { 'idempotency-key': edit.line };
    const { answer } = await send({ kind: 'append', method: 'POST', url, headers, body: `${raw}\n` });
    if (answer.status < 400) ledger.done(edit);
    else ledger.drop(edit);
  }

  /** Adds a line to a section, on the condition that the note is as it was read, until it is. */
  async function insert(): Promise<void> {
    const path = random.pick(notes);
    const { edit, raw } = begin(path);
    const url = `/v1/files/${encodePath(path)}`;
    const target = { target: { heading: REQUESTS }, operation: 'prepend', content: `${raw}\n` };
    let isRepeated = false;
    for (;;) {
      const before = await read(path);
      if (isRepeated && before?.text.includes(raw)) return ledger.done(edit);
      const headers = { ...json, 'if-match': before?.etag ?? '' };
      const answered = await send({ kind: 'insert', method: 'PATCH', url, headers, body: JSON.stringify(target) });
      isRepeated ||= answered.isRepeated;
      if (answered.answer.status < 400) return ledger.done(edit);
      if (answered.answer.status === 412) continue;
      if (!isRepeated) ledger.drop(edit);
      return;
    }
  }

  return async (): Promise<void> => {
    while (ledger.goesOn()) {
      await random.pick([put, append, append, insert])();
      await setTimeout(random.integer(0, MAX_PAUSE_MS));
    }
  };
}
