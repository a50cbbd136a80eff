import type { Channel, ChannelModel } from 'amqplib';

/** Does something on a channel of its own, since RabbitMQ closes the channel on which a request is refused. */
export async function withChannel<Result>(
  model: ChannelModel,
  work: (channel: Channel) => Promise<Result>,
): Promise<Result> {
  const channel = await model.createChannel();
  let isOpen = true;
  channel.once('close', () => {
    isOpen = false;
  });
  // The request that is refused rejects with the same error.
  channel.on('error', () => undefined);
  try {
    return await work(channel);
  } finally {
    if (isOpen) await channel.close();
  }
}
