import { until } from '@weave-nn/testing';
import { say } from '../../drill.ts';
import { faultDrill } from '../fault-drill.ts';

const ACKNOWLEDGED_WITHIN = 3_000;
const TOLD_OFF = 'has timed out waiting for delivery acknowledgement';
const MAX_HANG_MS = 120_000;

/** The consumers hang in the database, since somebody else holds the table that they write to first. */
export const hang = faultDrill({
  summary:
    'consumers that hang for longer than RabbitMQ waits for an acknowledgement, so that it closes their channels',
  world: {
    rabbitmq: [`consumer_timeout = ${ACKNOWLEDGED_WITHIN}`],
    // How often a channel looks whether that time is over: once a minute otherwise.
    erlang: '-rabbit channel_tick_interval 500',
  },
  async strike(world) {
    const timeouts = () => world.rabbitmq.log().split(TOLD_OFF).length - 1;
    await world.withDatabase(async (query) => {
      await query('BEGIN');
      await query('LOCK TABLE mcp_sync.inbox IN ACCESS EXCLUSIVE MODE');
      say(`  the consumers hang; RabbitMQ waits for ${ACKNOWLEDGED_WITHIN / 1_000} s`);
      await until('RabbitMQ has closed the channels of both consumers', () => timeouts() >= 2, MAX_HANG_MS);
      await query('ROLLBACK');
    });
    say(`  ${timeouts()} channels were closed; the consumers go on`);
    await until(
      'what waited is applied',
      async () => (await world.api.call('/v1/system')).json.index?.waiting < 50,
      MAX_HANG_MS,
    );
  },
});
