import { parseArgs } from 'node:util';
import { separateServices } from '@weave-nn/testing';
import { createRandom } from '../../../generate/random.ts';
import { say } from '../../drill.ts';
import { during, faultDrill } from '../fault-drill.ts';

export const kill = faultDrill({
  summary: 'kill -9 of each service under load, in turn and at random: [--times 9] [--seed 1]',
  short: ['--times', '4'],
  async strike(world, args) {
    const { values } = parseArgs({
      args,
      options: { times: { type: 'string', default: '9' }, seed: { type: 'string', default: '1' } },
    });
    const random = createRandom(Number(values.seed), 5_000_000);
    for (let time = 0; time < Number(values.times); time++) {
      const service = separateServices[time] ?? random.pick([...separateServices]);
      await during(random.integer(100, 1_500));
      await world.process(service).end('SIGKILL');
      say(`  killed ${service}`);
      await world.start(service);
    }
  },
});
