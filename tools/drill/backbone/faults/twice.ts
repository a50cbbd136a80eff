import { connect } from 'amqplib';
import { say } from '../../drill.ts';
import { during, faultDrill } from '../fault-drill.ts';

const EXCHANGE = 'weave-nn.events';
const MARK = 'x-drill-again';
const LONG = 10_000;

/** Somebody listens to all that is published and publishes each message once more, as it is but for a mark. */
export const twice = faultDrill({
  summary: 'every event published twice: each takes effect once',
  async strike({ rabbitmq }) {
    const connection = await connect(rabbitmq.url);
    const channel = await connection.createConfirmChannel();
    const { queue } = await channel.assertQueue('', { exclusive: true, autoDelete: true });
    await channel.bindQueue(queue, EXCHANGE, '#');
    let repeated = 0;
    await channel.consume(
      queue,
      (message) => {
        if (!message || message.properties.headers?.[MARK]) return;
        const headers = { ...message.properties.headers, [MARK]: 'yes' };
        channel.publish(EXCHANGE, message.fields.routingKey, message.content, { ...message.properties, headers });
        repeated++;
      },
      { noAck: true },
    );
    await during(LONG);
    await channel.waitForConfirms();
    await connection.close();
    say(`  ${repeated} events came once more`);
    if (repeated === 0) throw new Error('nothing was published twice');
  },
});
