import { join, resolve } from 'node:path';
import { contracts } from '@weave-nn/clients';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { packageNameOf } from './packages.ts';

const workspace = resolve(import.meta.dirname, '../..');

/** The packages that an app imports, directly or through the project's own, when it is built. */
async function packagesOf(app: string): Promise<Set<string>> {
  const { metafile } = await build({
    absWorkingDir: workspace,
    entryPoints: [join('apps', app, 'src/main.ts')],
    outdir: join('dist', app),
    write: false,
    metafile: true,
    bundle: true,
    format: 'esm',
    platform: 'node',
    logLevel: 'silent',
    plugins: [
      {
        name: 'packages-stay-packages',
        setup({ onResolve }) {
          onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
            kind === 'entry-point' || path.startsWith('@weave-nn/') ? undefined : { path, external: true },
          );
        },
      },
    ],
  });
  const imported = Object.values(metafile.inputs).flatMap(({ imports }) => imports);
  return new Set(imported.flatMap(({ path }) => packageNameOf(`node_modules/${path}`) ?? []));
}

const everywhere = ['fastify', 'amqplib', 'ioredis', 'pino', '@opentelemetry/api', '@opentelemetry/sdk-node'];
/** The manifest and the groups of writes of the service file are written by statements. */
const withoutClient = ['file'];

test.each(['weave', ...contracts.map(({ name }) => name)])('%s is built from the chosen packages', async (app) => {
  const packages = await packagesOf(app);
  const chosen = [
    ...everywhere,
    ...(withoutClient.includes(app) ? [] : ['@prisma/client']),
    ...(app === 'gateway' || app === 'weave' ? ['@fastify/http-proxy'] : []),
  ];
  expect(chosen.filter((name) => !packages.has(name))).toEqual([]);
});
