import { parseArgs } from 'node:util';
import { say } from '../../drill.ts';
import { during, faultDrill } from '../fault-drill.ts';

const BETWEEN = 2_000;
/** A delivery that no channel has had: RabbitMQ answers with an error, and closes the channel. */
const UNKNOWN_DELIVERY = 999_999_999;
const PROVOKE = `length([rabbit_channel:do(Each, {'basic.ack', ${UNKNOWN_DELIVERY}, false}) || Each <- rabbit_channel:list_local()]).`;

export const channel = faultDrill({
  summary: 'every channel, of publishers and consumers, closed by RabbitMQ with an error: [--times 5]',
  short: ['--times', '2'],
  async strike({ rabbitmq }, args) {
    const { values } = parseArgs({ args, options: { times: { type: 'string', default: '5' } } });
    for (let time = 0; time < Number(values.times); time++) {
      const count = await rabbitmq.evaluate(PROVOKE);
      say(`  ${count} channels are closed with PRECONDITION_FAILED`);
      await during(BETWEEN);
    }
  },
});
