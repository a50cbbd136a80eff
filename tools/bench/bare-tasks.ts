// Lists tasks of a bare table over node:http: `node tools/bench/bare-tasks.ts DATABASE`; prints its URL.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { bareQueries } from './task-queries.ts';

const database = new DatabaseSync(process.argv[2] ?? '', { readOnly: true });
const statements = new Map<string, StatementSync>(bareQueries.map(({ kind, sql }) => [kind, database.prepare(sql)]));

const server = createServer((request, response) => {
  const parameters = new URL(request.url ?? '/', 'http://localhost').searchParams;
  const kind = parameters.get('kind') ?? '';
  const items = statements.get(kind)?.all(...parameters.getAll('value')) ?? [];
  const body = JSON.stringify({ items });
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }).end(body);
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
process.on('SIGTERM', () => process.exit(0));
