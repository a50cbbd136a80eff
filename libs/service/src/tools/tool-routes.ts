import { lackAtService, ServiceTools, toolPath } from '@weave-nn/clients';
import type { App } from '../http/fastify-app.ts';
import type { Tool } from './tool.ts';

/** The MCP tools of a service: their list, which has only what the caller may call, and a route for each. */
export function toolRoutes(app: App, tools: readonly Tool[]): void {
  app.get('/internal/mcp/tools', {
    schema: { hide: true, response: { 200: ServiceTools } },
    async handler({ principal }) {
      const callable = tools.filter(({ contract }) => lackAtService(principal, contract.needs) === undefined);
      return {
        items: callable.map(({ contract }) => ({
          name: contract.name,
          title: contract.title,
          description: contract.description,
          inputSchema: contract.input,
          outputSchema: contract.output,
          annotations: contract.annotations,
        })),
      };
    },
  });
  for (const { contract, run } of tools) {
    app.post(toolPath(contract.name), {
      schema: { hide: true, body: contract.input, response: { 200: contract.output } },
      handler: ({ body }) => run(body),
    });
  }
}
