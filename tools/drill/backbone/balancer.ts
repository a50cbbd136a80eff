import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

const PROBE_INTERVAL_MS = 100;

/**
 * What stands before several gateways: each new connection goes to one that says it is ready.
 *
 * @param urls the copies there are at the moment
 */
export async function createBalancer(urls: () => readonly (string | undefined)[]) {
  let ready: string[] = [];
  const sockets = new Set<Socket>();

  async function probe() {
    const known = urls().filter((url) => url !== undefined);
    const answers = await Promise.all(
      known.map((url) =>
        fetch(`${url}/ready`, { signal: AbortSignal.timeout(2_000) }).then(
          ({ ok }) => ok,
          () => false,
        ),
      ),
    );
    ready = known.filter((_, index) => answers[index]);
  }
  await probe();
  let timer = setTimeout(function again() {
    void probe().finally(() => {
      timer = setTimeout(again, PROBE_INTERVAL_MS);
    });
  }, PROBE_INTERVAL_MS);

  const server = createServer((inbound) => {
    const target = ready.at(-1);
    if (!target) return inbound.destroy();
    const { hostname, port } = new URL(target);
    const outbound = connect({ host: hostname, port: Number(port) });
    for (const [from, to] of [
      [inbound, outbound],
      [outbound, inbound],
    ] as const) {
      sockets.add(from);
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => sockets.delete(from));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    async close() {
      clearTimeout(timer);
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
