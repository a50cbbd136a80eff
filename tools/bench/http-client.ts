import { Agent, request } from 'node:http';

const KEY = 'a-key-for-drills-0123456789abcdef';

/** An answer, and the milliseconds from sending the request to having all of it. */
export interface TimedAnswer {
  status: number;
  body: string;
  ms: number;
}

/** Sends requests over connections that are kept: the least a client can cost, so that the server is what is timed. */
export function createHttpClient(url: string, key = KEY) {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  return {
    send(method: string, path: string, content?: string, type?: string): Promise<TimedAnswer> {
      return new Promise((resolve, reject) => {
        const started = performance.now();
        const headers = { authorization: `Bearer ${key}`, ...(type === undefined ? {} : { 'content-type': type }) };
        const outgoing = request(url + path, { method, agent, headers }, (answer) => {
          let body = '';
          answer.setEncoding('utf8');
          answer.on('data', (chunk: string) => {
            body += chunk;
          });
          answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body, ms: performance.now() - started }));
        });
        outgoing.on('error', reject);
        outgoing.end(content);
      });
    },
    close: () => agent.destroy(),
  };
}

export type HttpClient = ReturnType<typeof createHttpClient>;
