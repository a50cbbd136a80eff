import { until } from '@weave-nn/testing';
import { say } from '../../drill.ts';
import { faultDrill } from '../fault-drill.ts';
import type { DrillWorld } from '../world.ts';

const FATAL = 'Fatal.md';
const MAX_DEATHS = 5;
const LONGEST = 180_000;

/** Makes the database wait for ever where this note is indexed, so that the process can be killed just there. */
const SET_TRAP = `
  CREATE FUNCTION mcp_sync.wait_for_ever() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(3600); RETURN NEW; END';
  CREATE TRIGGER fatal BEFORE INSERT OR UPDATE ON mcp_sync.note FOR EACH ROW WHEN (NEW.path = '${FATAL}')
    EXECUTE FUNCTION mcp_sync.wait_for_ever()`;
const REMOVE_TRAP = 'DROP FUNCTION mcp_sync.wait_for_ever() CASCADE';
const IN_TRAP = `SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep'`;
const DEAD = `SELECT id FROM mcp_sync.dead_letter WHERE queue = 'mcp_sync' AND state = 'dead'`;

/** Kills the process whenever it is handling the event, and starts it again, until the event is a dead letter. */
async function dieOfIt(world: DrillWorld): Promise<{ deaths: number; letter: string }> {
  let deaths = 0;
  let letter = '';
  await world.withDatabase(async (query) => {
    await until(
      'the event is a dead letter',
      async () => {
        letter = (await query(DEAD))[0]?.id ?? '';
        if (letter) return true;
        const [caught] = await query(IN_TRAP);
        if (!caught) return false;
        await world.process('mcp-sync').end('SIGKILL');
        // The process is gone; its session sleeps on and would keep what it has locked.
        await query(`SELECT pg_terminate_backend(${caught.pid})`);
        deaths++;
        world.launch('mcp-sync');
        return false;
      },
      LONGEST,
    );
  });
  return { deaths, letter };
}

export const fatal = faultDrill({
  summary: 'an event whose handling kills the process: a dead letter after five tries, then replayed; others go on',
  async strike(world) {
    await world.withDatabase((query) => query(SET_TRAP));
    await world.api.put(FATAL, '# Fatal\n');
    const { deaths, letter } = await dieOfIt(world);
    say(`  the process died ${deaths} times of it, then it was a dead letter`);
    if (deaths > MAX_DEATHS) throw new Error(`an event is tried ${MAX_DEATHS} times, and not ${deaths}`);
    await world.withDatabase((query) => query(REMOVE_TRAP));
    await until('it can be replayed', async () => (await world.api.post(`/v1/dlq/${letter}/replay`, {})).status < 300);
    await until('it is applied', async () => (await world.api.search('fatal')).includes(FATAL));
  },
});
