import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createApi, separateServices, until } from '@weave-nn/testing';
import { connect } from 'amqplib';
import { residentMemory } from '../bench/children.ts';
import { createRandom } from '../generate/random.ts';
import { createBalancer } from './backbone/balancer.ts';
import { createLoad, describeLoad } from './backbone/load.ts';
import { verify } from './backbone/verify.ts';
import { type DrillWorld, openWorld, type WorldOptions } from './backbone/world.ts';
import { type Drill, say } from './drill.ts';

const PEOPLE = 6;
const PAUSE = 10;
const WARM_UP = 2_000;
const LONGEST_RECOVERY = 60_000;
const POISON = 20;
/** Queues that take events of files. */
const QUEUES = 2;

/** Lets the load run for a time; the time is what the drill is about, not something that it waits for. */
const during = setTimeout;

async function recovered({ api }: DrillWorld): Promise<void> {
  await until(
    'the system is ready again',
    async () => {
      const { status, index } = (await api.call('/v1/system')).json;
      return status === 'ready' && index !== null;
    },
    LONGEST_RECOVERY,
  );
}

/** A drill of one fault under load: what was sent, what arrived, what was lost, what came twice. */
function faultDrill(
  summary: string,
  fault: (world: DrillWorld, args: string[]) => Promise<void>,
  options: WorldOptions & { deadLetters?: number; pause?: number } = {},
): Drill {
  return {
    summary,
    async run(args) {
      const world = await openWorld(options);
      try {
        const load = createLoad({ api: () => world.api, people: PEOPLE, pause: options.pause ?? PAUSE });
        await during(WARM_UP);
        await fault(world, args);
        await recovered(world);
        await during(WARM_UP);
        await load.stop();
        say(`  ${describeLoad(load.tally)}`);
        const held = await verify(world, load.acknowledged, say, options.deadLetters);
        if (!held) say(world.logs());
        say(held ? 'held' : 'FAILED');
        return held;
      } finally {
        await world.close();
      }
    },
  };
}

const kill = faultDrill(
  'kill -9 of each service under load, in turn and at random: [--times 9] [--seed 1]',
  async (world, args) => {
    const { values } = parseArgs({
      args,
      options: { times: { type: 'string', default: '9' }, seed: { type: 'string', default: '1' } },
    });
    const random = createRandom(Number(values.seed), 5_000_000);
    for (let time = 0; time < Number(values.times); time++) {
      const service = time < separateServices.length ? separateServices[time] : random.pick([...separateServices]);
      if (service === undefined) continue;
      await during(random.integer(100, 1_500));
      await world.process(service).end('SIGKILL');
      say(`  killed ${service}`);
      await world.start(service);
    }
  },
);

const broker = faultDrill('RabbitMQ stopped for a time and started again: [--seconds 30]', async (world, args) => {
  const { values } = parseArgs({ args, options: { seconds: { type: 'string', default: '30' } } });
  await world.rabbitmq.stop();
  say(`  RabbitMQ is stopped for ${values.seconds} s`);
  await during(Number(values.seconds) * 1_000);
  await world.rabbitmq.start();
});

const database = faultDrill('PostgreSQL restarted, then killed', async (world) => {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    await world.postgresql.stop(signal);
    say(`  PostgreSQL ended by ${signal}`);
    await during(3_000);
    await world.postgresql.start();
    await recovered(world);
  }
});

const cache = faultDrill('Redis stopped, and started again', async (world) => {
  await world.redis.stop();
  say('  Redis is stopped');
  await during(5_000);
  await world.redis.start();
});

const partition = faultDrill(
  'the network to RabbitMQ stalled and cut, half-open connections included',
  async (world) => {
    for (let time = 0; time < 3; time++) {
      world.proxy.cut();
      say('  every connection to RabbitMQ is cut');
      await during(2_000);
    }
    world.proxy.stall();
    say('  what passes to RabbitMQ is lost without a word');
    await during(15_000);
    world.proxy.heal();
  },
);

const poison = faultDrill(
  'messages that no consumer can read among good ones: they end as dead letters, the others go on',
  async (world) => {
    const connection = await connect(world.rabbitmq.url);
    const channel = await connection.createConfirmChannel();
    for (let count = 0; count < POISON; count++) {
      const body = Buffer.from(count % 2 === 0 ? 'no event at all' : '{"specversion":"1.0"}');
      channel.publish('weave-nn.events', 'vault.file.updated', body, {
        messageId: `poison-${count}`,
        persistent: true,
      });
    }
    await channel.waitForConfirms();
    await connection.close();
    await until('all of it is dead letters', async () => {
      const { deadLetters } = (await world.api.call('/v1/system')).json.index;
      return deadLetters === POISON * QUEUES;
    });
    say(`  ${POISON} messages to ${QUEUES} queues`);
  },
  { deadLetters: POISON * QUEUES },
);

/** Whether memory is steady: what each service has resident, minute by minute, at about half the rate it can take. */
const soak = faultDrill(
  'a steady load and the memory of each service: [--minutes 10]',
  async (world, args) => {
    const { values } = parseArgs({ args, options: { minutes: { type: 'string', default: '10' } } });
    for (let minute = 0; minute <= Number(values.minutes); minute++) {
      const memory = separateServices.map((service) => {
        const megabytes = Math.round(residentMemory(world.process(service).pid));
        return `${service} ${megabytes} MB`;
      });
      say(`  after ${minute} min: ${memory.join(', ')}`);
      if (minute < Number(values.minutes)) await during(60_000);
    }
  },
  { pause: 100 },
);

/** Replaces each service by its next copy, which is ready before the old one is told to end. */
const rolling: Drill = {
  summary: 'each service replaced under load, the replacement ready first: no request may fail: [--rounds 2]',
  async run(args) {
    const { values } = parseArgs({ args, options: { rounds: { type: 'string', default: '2' } } });
    const world = await openWorld();
    const balancer = await createBalancer(() => [0, 1].map((copy) => world.process('gateway', copy)?.url));
    try {
      const api = createApi(balancer.url, world.key);
      const load = createLoad({ api: () => api, people: PEOPLE, pause: PAUSE });
      await during(WARM_UP);
      for (let round = 0; round < Number(values.rounds); round++) {
        for (const service of separateServices) {
          const old = world.process(service, round);
          await world.start(service, round + 1);
          await during(1_000);
          const code = await old.end('SIGTERM');
          say(`  replaced ${service}; the old one ended with ${code}`);
        }
      }
      await during(WARM_UP);
      await load.stop();
      say(`  ${describeLoad(load.tally)}`);
      const failed = load.tally.unanswered + [...load.tally.refused.values()].reduce((sum, count) => sum + count, 0);
      const last = { ...world, api };
      const held = (await verify(last, load.acknowledged, say)) && failed === 0;
      if (!held) say(world.logs());
      say(held ? 'held: 0 failed requests' : `FAILED: ${failed} failed requests`);
      return held;
    } finally {
      await balancer.close();
      await world.close();
    }
  },
};

export const backboneDrills: Readonly<Record<string, Drill>> = {
  kill,
  broker,
  database,
  cache,
  partition,
  poison,
  rolling,
  soak,
};
