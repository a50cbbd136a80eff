import { parseArgs } from 'node:util';
import { createApi, type SeparateService, separateServices } from '@weave-nn/testing';
import { type Drill, say } from '../../drill.ts';
import { createBalancer } from '../balancer.ts';
import { during, people, warmUp } from '../fault-drill.ts';
import { createLoad, describeLoad, failedRequests } from '../load.ts';
import { verify } from '../verify.ts';
import { openWorld } from '../world.ts';

const BOTH = 1_000;

/**
 * Replaces each service, the gateway included, by its next copy, which is ready before the old one is told to end; at
 * last all of them together, as a roll-out of everything does.
 */
export const rolling: Drill = {
  summary: 'each service, then all, replaced under load, the new ready first: no request may fail: [--rounds 2]',
  short: ['--rounds', '1'],
  async run(args) {
    const { values } = parseArgs({ args, options: { rounds: { type: 'string', default: '2' } } });
    const world = await openWorld();
    const balancer = await createBalancer(() => [0, 1].map((copy) => world.process('gateway', copy)?.url));
    try {
      const api = createApi(balancer.url, world.key);
      const load = createLoad({ ...people, api: () => api });
      const codes: (number | null)[] = [];
      async function replace(services: readonly SeparateService[], round: number) {
        const old = services.map((service) => world.process(service, round));
        for (const service of services) await world.start(service, round + 1);
        await during(BOTH);
        const ended = await Promise.all(old.map((each) => each.end('SIGTERM')));
        codes.push(...ended);
        say(`  replaced ${services.join(', ')}; the old ended with ${ended.join(', ')}`);
      }
      const rounds = Number(values.rounds);
      await warmUp();
      for (let round = 0; round < rounds; round++) {
        for (const service of separateServices) await replace([service], round);
      }
      await replace(separateServices, rounds);
      await warmUp();
      await load.stop();
      say(`  ${describeLoad(load.tally)}`);
      const failed = failedRequests(load.tally);
      const verdict = await verify({ ...world, api }, load.acknowledged);
      const held = verdict.held && failed === 0 && codes.every((code) => code === 0);
      if (!held) say(world.logs());
      say(held ? 'held: 0 failed requests' : `FAILED: ${failed} failed requests`);
      const { sent, acknowledged } = load.tally;
      return { held, sent, acknowledged, lost: verdict.lost.length, doubled: verdict.doubled.length };
    } finally {
      await balancer.close();
      await world.close();
    }
  },
};
