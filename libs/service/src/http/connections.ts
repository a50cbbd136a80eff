import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** What a server's connections are doing. */
export interface Connections {
  /**
   * Lets the server close without waiting for connections that nobody uses: closes those now, and each other one as
   * soon as its response is out. Node's own `closeIdleConnections` leaves those open that have never sent a request, as
   * clients make them in advance.
   */
  closeUnused(): void;
  /** Whether a connection is in the middle of a response, so that nothing else can be written to it. */
  isResponding(socket: Socket): boolean;
}

/** Keeps count of a server's connections and of the responses that each still owes. */
export function trackConnections(server: Server): Connections {
  const pending = new Map<Socket, Set<ServerResponse>>();
  let closing = false;

  server.on('connection', (socket: Socket) => {
    pending.set(socket, new Set());
    socket.once('close', () => pending.delete(socket));
  });
  server.on('request', ({ socket }, response) => {
    const responses = pending.get(socket);
    responses?.add(response);
    response.once('close', () => {
      responses?.delete(response);
      if (closing && responses?.size === 0 && pending.has(socket)) socket.destroySoon();
    });
  });

  return {
    closeUnused() {
      closing = true;
      for (const [socket, responses] of pending) if (responses.size === 0) socket.destroy();
    },
    isResponding(socket) {
      const [first, ...others] = pending.get(socket) ?? [];
      return first !== undefined && (first.headersSent || others.length > 0);
    },
  };
}
