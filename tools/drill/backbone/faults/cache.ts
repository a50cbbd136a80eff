import { say } from '../../drill.ts';
import { during, faultDrill } from '../fault-drill.ts';

const AWAY = 5_000;

export const cache = faultDrill({
  summary: 'Redis stopped, and started again',
  async strike({ redis }) {
    await redis.stop();
    say('  Redis is stopped');
    await during(AWAY);
    await redis.start();
  },
});
