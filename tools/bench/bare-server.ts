// Searches a bare FTS5 table over node:http: `node tools/bench/bare-server.ts DATABASE`; prints its URL.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DatabaseSync } from 'node:sqlite';

const LIMIT = 20;
const database = new DatabaseSync(process.argv[2] ?? '', { readOnly: true });
const search = database.prepare(
  `SELECT path, title, bm25(note) AS score, snippet(note, 2, '<mark>', '</mark>', '…', 30) AS snippet
   FROM note WHERE note MATCH ? ORDER BY rank LIMIT ${LIMIT}`,
);

const server = createServer((request, response) => {
  const query = new URL(request.url ?? '/', 'http://localhost').searchParams.get('q') ?? '';
  const started = performance.now();
  const items = search.all(query);
  const tookMs = performance.now() - started;
  const body = JSON.stringify({ items, tookMs });
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }).end(body);
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
process.on('SIGTERM', () => process.exit(0));
