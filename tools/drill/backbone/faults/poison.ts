import { topology } from '@weave-nn/clients';
import { keyMatches } from '@weave-nn/events';
import { until } from '@weave-nn/testing';
import { connect } from 'amqplib';
import { say } from '../../drill.ts';
import { faultDrill } from '../fault-drill.ts';

const POISON = 20;
const KEY = 'vault.file.updated';
const QUEUES = topology.filter(
  ({ exchange, patterns }) => exchange === 'events' && patterns.some((pattern) => keyMatches(pattern, KEY)),
).length;

export const poison = faultDrill({
  summary: 'messages that no consumer can read among good ones: they end as dead letters, the others go on',
  deadLetters: POISON * QUEUES,
  async strike({ rabbitmq, api }) {
    const connection = await connect(rabbitmq.url);
    const channel = await connection.createConfirmChannel();
    for (let count = 0; count < POISON; count++) {
      const body = Buffer.from(count % 2 === 0 ? 'no event at all' : '{"specversion":"1.0"}');
      channel.publish('weave-nn.events', KEY, body, {
        messageId: `poison-${count}`,
        persistent: true,
      });
    }
    await channel.waitForConfirms();
    await connection.close();
    await until('all of it is dead letters', async () => {
      const { deadLetters } = (await api.call('/v1/system')).json.index;
      return deadLetters === POISON * QUEUES;
    });
    say(`  ${POISON} messages to ${QUEUES} queues`);
  },
});
