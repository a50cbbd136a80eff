import { parseArgs } from 'node:util';
import { say } from '../../drill.ts';
import { during, faultDrill } from '../fault-drill.ts';

export const broker = faultDrill({
  summary: 'RabbitMQ stopped for a time and started again: [--seconds 30]',
  short: ['--seconds', '10'],
  async strike({ rabbitmq }, args) {
    const { values } = parseArgs({ args, options: { seconds: { type: 'string', default: '30' } } });
    await rabbitmq.stop();
    say(`  RabbitMQ is stopped for ${values.seconds} s`);
    await during(Number(values.seconds) * 1_000);
    await rabbitmq.start();
  },
});
