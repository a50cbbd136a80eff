import { context } from '@opentelemetry/api';
import {
  activeTraceparent,
  contextUnder,
  formatTraceparent,
  isTraceparent,
  newSpanContext,
  systemRuntime,
} from '@weave-nn/config';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createOutbox, startRelay } from '../src/index.ts';
import { eventually } from './conformance/subject.ts';
import { comment, comments, examples } from './fixture/events.ts';
import { createRecorder } from './fixture/recorder.ts';
import { grounds, openWorkshop, type Workshop } from './fixture/workshop.ts';

const [ground] = grounds;
if (!ground) throw new Error('there is no database to test on');

const newTraceparent = () => formatTraceparent(newSpanContext(systemRuntime)) as string;
const [first, second] = [newTraceparent(), newTraceparent()];
let workshop: Workshop;
let recorder: ReturnType<typeof createRecorder>;
beforeEach(async () => {
  workshop = await openWorkshop(ground);
  recorder = createRecorder();
});
afterEach(() => workshop.close());

describe('an event in the outbox', () => {
  const draft = { type: 'task.commented', subject: 't1', data: examples['task.commented'] } as const;

  async function append(traceparent?: string): Promise<string | undefined> {
    const { database } = workshop.place;
    const outbox = createOutbox({ source: '/default/task', runtime: systemRuntime, provider: database.provider });
    const { event } = await database.transaction((sql) => outbox.append(sql, { ...draft, traceparent }));
    return event.traceparent;
  }

  test('belongs to the trace that its draft names, else to that of the work, else to one of its own', async () => {
    expect(await context.with(contextUnder(second), () => append(first))).toBe(first);
    expect(await context.with(contextUnder(second), () => append())).toBe(second);
    expect(isTraceparent(await append())).toBe(true);
  });

  test('is published under the span in which it was made', async () => {
    await append(first);
    const { database } = workshop.place;
    const { runtime, bus: publisher } = workshop;
    const relay = startRelay({
      database,
      publisher,
      runtime,
      report: () => undefined,
      retention: 1,
      tracer: recorder.tracer,
    });
    await relay.flush();
    await relay.stop();
    expect(recorder.spans).toMatchObject([
      { name: 'publish task.commented', kind: 'producer', parent: first, ended: true, failed: false },
    ]);
  });
});

describe('a consumer', () => {
  let seen: (string | undefined)[];

  async function consume(changes: Parameters<Workshop['start']>[0] = {}): Promise<void> {
    seen = [];
    await workshop.start({
      tracer: recorder.tracer,
      async prepare() {
        seen.push(activeTraceparent());
      },
      ...changes,
    });
    await eventually(async () => {
      expect(await workshop.bus.depth('work')).toBe(0);
    });
  }

  test('handles an event under the span in which it was made', async () => {
    await workshop.publish(comment('t1', 1, { traceparent: first }));
    await consume();
    expect(recorder.spans).toMatchObject([
      { name: 'worker task.commented', kind: 'consumer', parent: first, ended: true, failed: false },
    ]);
    expect(seen).toEqual([recorder.spans[0]?.traceparent]);
  });

  test('handles a batch of one trace in that trace', async () => {
    await workshop.publish(comment('t1', 1, { traceparent: first }), comment('t2', 1, { traceparent: first }));
    await consume();
    expect(recorder.spans).toMatchObject([{ name: 'worker task.commented', parent: first }]);
  });

  test('handles a batch of several traces in one of its own that each of them is linked with', async () => {
    const traced = [first, second].map((traceparent, index) => comment(`t${index}`, 1, { traceparent }));
    await workshop.publish(...traced, ...comments(1));
    await consume();
    const [batch, ...parts] = recorder.spans;
    expect(batch).toMatchObject({ parent: null, links: [first, second] });
    expect(parts.map(({ parent }) => parent)).toEqual([first, second, null]);
    for (const { links } of parts) expect(links).toEqual([batch?.traceparent]);
    expect(recorder.spans.every(({ ended, kind }) => ended && kind === 'consumer')).toBe(true);
    expect(seen).toEqual([batch?.traceparent]);
  });

  test('marks the spans of what fails', async () => {
    await workshop.publish(comment('t1', 1, { traceparent: first }));
    await consume({
      async apply() {
        throw new Error('refused');
      },
    });
    expect(recorder.spans).toMatchObject([{ parent: first, failed: true, ended: true }]);
  });
});
