import { connect } from 'node:net';

const servers = [
  { url: process.env.TEST_DATABASE_URL ?? 'postgresql://postgres@127.0.0.1:5432/test', port: 5432 },
  { url: process.env.TEST_RABBITMQ_URL ?? 'amqp://guest:guest@127.0.0.1:5672', port: 5672 },
];

function answers({ url, port }: (typeof servers)[number]): Promise<boolean> {
  const { hostname, port: given } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(given || port), timeout: 2_000 });
    const end = (found: boolean) => {
      socket.destroy();
      resolve(found);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
    socket.once('timeout', () => end(false));
  });
}

/** Whether what runs on PostgreSQL and RabbitMQ can be tested: where both answer, and always in CI. */
export async function hasServers(): Promise<boolean> {
  return process.env.CI === 'true' || (await Promise.all(servers.map(answers))).every(Boolean);
}
