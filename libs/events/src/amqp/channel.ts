import type { Channel, ChannelModel } from 'amqplib';

/** Closes a channel; resolves when it is closed, also when its connection is lost over it. */
export async function closeChannel(channel: Channel): Promise<void> {
  // When the connection is lost meanwhile, amqplib answers nobody who waits for the closing, but tells of it.
  const closed = new Promise<void>((resolve) => channel.once('close', () => resolve()));
  await Promise.race([channel.close(), closed]);
}

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
    if (isOpen) await closeChannel(channel);
  }
}
