import type { FileApi, ManifestItem, Verification } from '@weave-nn/clients';
import type { EventData, EventType } from '@weave-nn/events';
import type { EventLogStore } from '../store/event-log.ts';
import type { NoteStore } from '../store/notes.ts';

const PAGE = 2_000;
const MAX_DISAGREEMENTS = 100;

interface Disagreement {
  subject: string;
  problem: string;
}

/** What the log says stands at each path, by following its events from the first to the last. */
export async function replayLog(log: EventLogStore): Promise<Map<string, { hash: string; sequence: number }>> {
  const files = new Map<string, { hash: string; sequence: number }>();
  const seen = new Map<string, number>();
  /** A path's events may be logged out of order; the one with the greater sequence is the later one. */
  const isNewer = (path: string, sequence: number) => {
    if ((seen.get(path) ?? 0) >= sequence) return false;
    seen.set(path, sequence);
    return true;
  };
  for (let position = 0, more = true; more; ) {
    const events = await log.fileEvents(position, PAGE);
    for (const { type, body } of events) {
      const event = JSON.parse(body) as { subject: string; sequence: string; data: EventData<'vault.file.moved'> };
      const sequence = Number(event.sequence);
      if ((type as EventType) === 'vault.file.moved' && isNewer(event.data.from, Number(event.data.fromSequence))) {
        files.delete(event.data.from);
      }
      if (!isNewer(event.subject, sequence)) continue;
      if ((type as EventType) === 'vault.file.deleted') files.delete(event.subject);
      else files.set(event.subject, { hash: event.data.hash, sequence });
    }
    position = events.at(-1)?.position ?? position;
    more = events.length === PAGE;
  }
  return files;
}

function compare(
  manifest: ReadonlyMap<string, ManifestItem>,
  side: ReadonlyMap<string, { hash: string; sequence: number }>,
  name: string,
): Disagreement[] {
  const found: Disagreement[] = [];
  for (const [path, { hash, sequence }] of manifest) {
    const other = side.get(path);
    if (!other) found.push({ subject: path, problem: `in the manifest, not in the ${name}` });
    else if (other.hash !== hash) found.push({ subject: path, problem: `the ${name} has another content of it` });
    else if (other.sequence !== sequence) {
      found.push({ subject: path, problem: `the ${name} has sequence ${other.sequence}, the manifest ${sequence}` });
    }
  }
  for (const path of side.keys()) {
    if (!manifest.has(path)) found.push({ subject: path, problem: `in the ${name}, not in the manifest` });
  }
  return found;
}

/** Compares index and event log with the manifest. */
export async function verifyReadSide(files: FileApi, notes: NoteStore, log: EventLogStore): Promise<Verification> {
  const manifest = new Map<string, ManifestItem>();
  for await (const items of files.manifest()) for (const item of items) manifest.set(item.path, item);
  const sides = [
    { name: 'index', side: await notes.all() },
    { name: 'event log', side: await replayLog(log) },
  ];
  return {
    checks: sides.map(({ name, side }) => ({
      name: `manifest and ${name}`,
      checked: side.size,
      disagreements: compare(manifest, side, name).slice(0, MAX_DISAGREEMENTS),
    })),
  };
}
