// A bare proxy without keys, limits or metrics: `node tools/bench/bare-proxy.ts UPSTREAM`; prints its URL.
import httpProxy from '@fastify/http-proxy';
import fastify from 'fastify';

const app = fastify();
await app.register(httpProxy, { upstream: process.argv[2] ?? '' });
process.stdout.write(`${await app.listen({ host: '127.0.0.1', port: 0 })}\n`);
process.on('SIGTERM', () => process.exit(0));
