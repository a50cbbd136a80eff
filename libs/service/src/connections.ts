import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Lets a server close without waiting for connections that nobody uses. Node's own `closeIdleConnections` leaves those
 * open that have never sent a request, as clients make them in advance.
 *
 * @returns closes unused connections now, and each other one as soon as its answer is out
 */
export function trackConnections(server: Server): () => void {
  const active = new Map<Socket, number>();
  let closing = false;

  server.on('connection', (socket: Socket) => {
    active.set(socket, 0);
    socket.once('close', () => active.delete(socket));
  });
  server.on('request', ({ socket }, response) => {
    active.set(socket, (active.get(socket) ?? 0) + 1);
    response.once('close', () => {
      if (!active.has(socket)) return;
      const left = (active.get(socket) ?? 1) - 1;
      active.set(socket, left);
      if (closing && left === 0) socket.destroySoon();
    });
  });

  return () => {
    closing = true;
    for (const [socket, requests] of active) if (requests === 0) socket.destroy();
  };
}
