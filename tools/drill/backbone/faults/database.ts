import { say } from '../../drill.ts';
import { during, faultDrill, recovered } from '../fault-drill.ts';

const AWAY = 3_000;

export const database = faultDrill({
  summary: 'PostgreSQL restarted, then killed',
  async strike(world) {
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      await world.postgresql.stop(signal);
      say(`  PostgreSQL ended by ${signal}`);
      await during(AWAY);
      await world.postgresql.start();
      await recovered(world);
    }
  },
});
