import { connect } from 'amqplib';

const AHEAD = 1_000;

/** RabbitMQ and nothing else: messages published with confirms into a quorum queue, and acknowledged. */
export async function openBareAmqp(url: string) {
  const model = await connect(url, { noDelay: true });
  const queue = 'bare';
  const publishing = await model.createConfirmChannel();
  const consuming = await model.createChannel();
  await publishing.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': 'quorum' } });
  await consuming.prefetch(AHEAD);
  let received = 0;
  let look = () => undefined as unknown;
  await consuming.consume(queue, (message) => {
    if (!message) return;
    consuming.ack(message);
    received++;
    look();
  });

  return {
    /** Publishes a text so many times, and waits until all are confirmed and acknowledged. */
    async carry(text: string, count: number): Promise<void> {
      const wanted = received + count;
      const acknowledged = new Promise<void>((resolve) => {
        look = () => received >= wanted && resolve();
      });
      const body = Buffer.from(text);
      for (let sent = 0; sent < count; sent++) {
        const hasRoom = publishing.sendToQueue(queue, body, { persistent: true });
        if (!hasRoom) await new Promise((resolve) => publishing.once('drain', resolve));
      }
      await publishing.waitForConfirms();
      await acknowledged;
    },
    close: () => model.close(),
  };
}
