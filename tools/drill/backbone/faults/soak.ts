import { parseArgs } from 'node:util';
import { separateServices } from '@weave-nn/testing';
import { residentMemory } from '../../../bench/children.ts';
import { say } from '../../drill.ts';
import { during, faultDrill } from '../fault-drill.ts';

const MINUTE = 60_000;

/** Whether memory is steady: what each service has resident, minute by minute, at about half the rate it can take. */
export const soak = faultDrill({
  summary: 'a steady load and the memory of each service: [--minutes 10]',
  short: ['--minutes', '1'],
  pause: 100,
  async strike(world, args) {
    const { values } = parseArgs({ args, options: { minutes: { type: 'string', default: '10' } } });
    for (let minute = 0; minute <= Number(values.minutes); minute++) {
      const memory = separateServices.map((service) => {
        const megabytes = Math.round(residentMemory(world.process(service).pid));
        return `${service} ${megabytes} MB`;
      });
      say(`  after ${minute} min: ${memory.join(', ')}`);
      if (minute < Number(values.minutes)) await during(MINUTE);
    }
  },
});
