import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type SeparateService, separateServices, until } from '@weave-nn/testing';
import { type Drill, say } from '../../drill.ts';
import { during, faultDrill, recovered } from '../fault-drill.ts';
import type { DrillWorld } from '../world.ts';

const HOUR = 3_600_000;
const WITH_EACH = 3_000;
const PARKED = 'Parked.md';
/** A parked event is tried at the latest after so long, whatever the clock has done. */
const MAX_PARKED_MS = 90_000;
const preload = new URL('../stepped-clock.ts', import.meta.url).href;

const SET_TRAP = `
  CREATE FUNCTION mcp_sync.refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''not now''; END';
  CREATE TRIGGER refused BEFORE INSERT OR UPDATE ON mcp_sync.note FOR EACH ROW WHEN (NEW.path = '${PARKED}')
    EXECUTE FUNCTION mcp_sync.refuse()`;
const REMOVE_TRAP = 'DROP FUNCTION mcp_sync.refuse() CASCADE';
/** Events whose id is not greater than that of the event before it of the same subject. */
const DISORDER = `
  SELECT subject, sequence FROM (
    SELECT subject, sequence, event_id, lag(event_id) OVER (PARTITION BY subject ORDER BY sequence) AS before
    FROM mcp_sync.event_log) AS events
  WHERE event_id <= before`;

function setClocks(folder: string, offset: number, services: readonly SeparateService[] = separateServices) {
  for (const service of services) writeFileSync(join(folder, `clock-${service}`), String(offset));
}

/** An event fails and is parked; then the clock goes back by an hour, and the event is tried all the same. */
async function parkAndStepBack({ api, withDatabase }: DrillWorld, folder: string): Promise<void> {
  await withDatabase(async (query) => {
    await query(SET_TRAP);
    await api.put(PARKED, '# Parked\n');
    const parked = 'SELECT tries FROM mcp_sync.attempt WHERE due_at IS NOT NULL';
    await until('an event is parked', async () => (await query(parked)).length > 0);
    setClocks(folder, -HOUR);
    await query(REMOVE_TRAP);
    const since = performance.now();
    await until('it is applied', async () => (await api.search('parked')).includes(PARKED), MAX_PARKED_MS);
    say(`  an event parked before the step was applied ${Math.round((performance.now() - since) / 1_000)} s after it`);
  });
}

async function checkOrder({ withDatabase }: DrillWorld): Promise<void> {
  await withDatabase(async (query) => {
    const wrong = await query(DISORDER);
    if (wrong.length > 0) throw new Error(`${wrong.length} events have an id before that of their predecessor`);
  });
}

/** Where each service looks how far its clock is off; they do so from their start on. */
function prepare(folder: string): Record<string, string> {
  setClocks(folder, 0);
  return { NODE_OPTIONS: `--import=${preload}`, DRILL_CLOCKS: folder };
}

export const clock: Drill = faultDrill({
  summary: 'clocks that jump by an hour, back and forth, of all services at once and of each alone',
  world: { environment: prepare },
  async strike(world) {
    const { folder } = world;
    say('  all clocks go back by an hour');
    await parkAndStepBack(world, folder);
    for (const [offset, what] of [
      [HOUR, 'forward by two'],
      [0, 'back by one'],
    ] as const) {
      setClocks(folder, offset);
      say(`  all clocks go ${what}`);
      await during(WITH_EACH);
      await recovered(world);
    }
    for (const service of separateServices) {
      for (const offset of [HOUR, -HOUR, 0]) {
        setClocks(folder, offset, [service]);
        await during(WITH_EACH);
      }
      say(`  the clock of ${service} alone was an hour off, both ways`);
    }
    await recovered(world);
    await checkOrder(world);
  },
});
