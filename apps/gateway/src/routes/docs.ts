import swaggerUi, { type FastifySwaggerUiOptions } from '@fastify/swagger-ui';
import type { App } from '@weave-nn/service';
import type { FastifyRequest } from 'fastify';
import { mergeOpenApi, type OpenApiDocument } from '../domain/openapi.ts';
import type { Reachable } from './reach.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The description of the whole system; of requests for it by the page at `/docs`. */
    openApi: OpenApiDocument | null;
  }
}

type Transform = NonNullable<FastifySwaggerUiOptions['transformSpecification']>;

/** Where the page finds the description that it shows. */
const pageDocuments: ReadonlySet<string | undefined> = new Set(['/docs/json', '/docs/yaml']);

/** The page's own scripts and styles, over plain HTTP as well: `upgrade-insecure-requests` would load them by HTTPS. */
const contentSecurityPolicy = [
  "default-src 'self'",
  "base-uri 'self'",
  "font-src 'self' data:",
  "frame-ancestors 'self'",
  "img-src 'self' data:",
  "object-src 'none'",
  "script-src 'self'",
  "script-src-attr 'none'",
  "style-src 'self' 'unsafe-inline'",
].join('; ');

/** `/openapi.json` and the page at `/docs` that shows it: every route of every service that answers. */
export async function docsRoutes(
  app: App,
  { services, version }: { services: readonly Reachable[]; version: string },
): Promise<void> {
  async function describeService({ name, get }: Reachable): Promise<OpenApiDocument[]> {
    try {
      const { status, json } = await get('/openapi.json');
      if (status === 200) return [json as OpenApiDocument];
      app.log.warn({ service: name, status }, 'a service does not describe its routes');
    } catch (error) {
      app.log.warn({ service: name, err: error }, 'a service cannot be asked for its routes');
    }
    return [];
  }

  async function describeSystem(): Promise<OpenApiDocument> {
    const documents = await Promise.all(services.map(describeService));
    return mergeOpenApi([...documents.flat(), app.swagger() as unknown as OpenApiDocument], version);
  }

  app.get('/openapi.json', { schema: { hide: true } }, describeSystem);
  app.decorateRequest('openApi', null);
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: contentSecurityPolicy,
    theme: { title: 'Weave-NN' },
    // The page reads a path of its own whatever it is told, and the plugin shows there only the routes of this app.
    uiHooks: {
      preHandler: (request: FastifyRequest, _reply, done) => {
        if (!pageDocuments.has(request.routeOptions.url)) return done();
        describeSystem().then((document) => {
          request.openApi = document;
          done();
        }, done);
      },
    },
    transformSpecificationClone: false,
    transformSpecification: (own, { openApi }) => (openApi ?? own) as ReturnType<Transform>,
  });
}
