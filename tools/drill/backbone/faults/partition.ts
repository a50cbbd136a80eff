import { parseArgs } from 'node:util';
import { say } from '../../drill.ts';
import { during, faultDrill } from '../fault-drill.ts';

const CUTS = 3;
const BETWEEN_CUTS = 2_000;

export const partition = faultDrill({
  summary: 'the network to RabbitMQ stalled and cut, half-open connections included: [--seconds 15]',
  short: ['--seconds', '5'],
  async strike({ proxy }, args) {
    const { values } = parseArgs({ args, options: { seconds: { type: 'string', default: '15' } } });
    for (let time = 0; time < CUTS; time++) {
      proxy.cut();
      say('  every connection to RabbitMQ is cut');
      await during(BETWEEN_CUTS);
    }
    proxy.stall();
    say(`  for ${values.seconds} s what passes to RabbitMQ is lost without a word`);
    await during(Number(values.seconds) * 1_000);
    proxy.heal();
  },
});
