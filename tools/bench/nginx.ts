import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, until } from '@weave-nn/testing';

const temporaries = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

function configuration(folder: string, port: number, upstream: string): string {
  return `
    daemon off;
    pid ${join(folder, 'nginx.pid')};
    error_log stderr error;
    worker_processes 1;
    events { worker_connections 1024; }
    http {
      access_log off;
      ${temporaries.map((name) => `${name}_temp_path ${join(folder, name)};`).join('\n      ')}
      upstream bare { server ${new URL(upstream).host}; keepalive 128; keepalive_requests 1000000000; }
      keepalive_requests 1000000000;
      server {
        listen 127.0.0.1:${port};
        location / { proxy_pass http://bare; proxy_http_version 1.1; proxy_set_header Connection ""; }
      }
    }`;
}

/** Starts nginx with one worker as a proxy; undefined where it is not installed. */
export async function startNginx(scratch: string, upstream: string) {
  if (spawnSync('nginx', ['-v']).error) return undefined;
  const folder = join(scratch, 'nginx');
  mkdirSync(folder);
  const port = await freePort();
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, configuration(folder, port, upstream));
  const child = spawn('nginx', ['-c', file, '-p', folder], { stdio: ['ignore', 'inherit', 'inherit'] });
  const url = `http://127.0.0.1:${port}`;
  await until('nginx listens', async () => (await fetch(url)).ok);
  return {
    url,
    async stop() {
      const ended = once(child, 'exit');
      child.kill('SIGQUIT');
      await ended;
    },
  };
}
