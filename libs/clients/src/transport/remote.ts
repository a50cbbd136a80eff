// Apart from the rest, since what keeps connections is of no use to a system in one process.
export { createRemoteTransport, type RemoteTransportOptions } from './remote-transport.ts';
export { isBroken, openUpstreams } from './upstreams.ts';
