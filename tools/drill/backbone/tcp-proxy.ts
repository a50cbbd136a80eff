import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A way to a port of this machine that can be cut, and stalled so that both ends believe it is still there. */
export async function createTcpProxy(target: number) {
  const pairs = new Set<[Socket, Socket]>();
  let stalled = false;
  const server = createServer((inbound) => {
    const outbound = connect({ host: '127.0.0.1', port: target });
    const pair: [Socket, Socket] = [inbound, outbound];
    pairs.add(pair);
    for (const [from, to] of [pair, [outbound, inbound]] as const) {
      from.on('data', (chunk) => {
        if (!stalled) to.write(chunk);
      });
      from.on('error', () => to.destroy());
      from.on('close', () => {
        pairs.delete(pair);
        to.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };

  function cut() {
    for (const [inbound, outbound] of pairs) {
      inbound.destroy();
      outbound.destroy();
    }
  }

  return {
    port,
    /** Ends every connection. */
    cut,
    /** Loses what passes from now on, without a word to either end. */
    stall() {
      stalled = true;
    },
    /** Lets new connections through again; the stalled ones have lost bytes and end. */
    heal() {
      stalled = false;
      cut();
    },
    async close() {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
