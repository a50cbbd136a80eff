import type { Names } from './names.ts';

/** A text that a service has in a file that all share, and before which line of it that belongs. */
export interface SharedText {
  file: string;
  before: RegExp;
  text: string;
}

/** Where a service is named outside its own folders: a line or two each. */
export function sharedTexts({ name, snake, camel, UPPER }: Names, port: number, composed: string): SharedText[] {
  return [
    {
      file: 'apps/weave/src/services.ts',
      before: /^import type \{ ServiceDefinition \}/m,
      text: `import { ${camel}Service } from '@weave-nn/${name}/service';\n`,
    },
    { file: 'apps/weave/src/services.ts', before: /^ {2}gatewayService,$/m, text: `  ${camel}Service,\n` },
    {
      file: 'libs/clients/src/services.ts',
      before: /(?<=^export const serviceNames = \[.*)\] as const/ms,
      text: `, '${name}'`,
    },
    {
      file: 'libs/testing/src/service-processes.ts',
      before: /(?<=^export const separateServices = \[[^\]]*)'gateway'/m,
      text: `'${name}', `,
    },
    {
      file: 'libs/events/src/topology.ts',
      before: /^ {2}\{ name: 'audit'/m,
      text: `  { name: '${snake}_changes', exchange: 'events', patterns: ['vault.file.*'] },\n`,
    },
    {
      file: 'libs/clients/src/access/public-routes.ts',
      before: /^ {2}\{ path: '\/v1\/events'/m,
      text: `  { path: '/v1/${name}', service: '${name}', timeout: 15_000, needs: reads('search:read') },\n`,
    },
    { file: '.env.example', before: /^MCP_SYNC_SERVICE_URL/m, text: `${UPPER}_SERVICE_URL=http://127.0.0.1:${port}\n` },
    {
      file: 'docker/compose.yml',
      before: /^ {2}MCP_SYNC_SERVICE_URL/m,
      text: `  ${UPPER}_SERVICE_URL: http://${name}:${port}\n`,
    },
    { file: 'docker/compose.yml', before: /^ {2}postgresql:\n {4}image/m, text: composed },
    { file: 'k8s/base/kustomization.yaml', before: /^ {2}- mcp-sync$/m, text: `  - ${name}\n` },
    {
      file: 'k8s/overlays/production/kustomization.yaml',
      before: /^ {2}- \{ name: weave-nn\/mcp-sync/m,
      text: `  - { name: weave-nn/${name}, newName: registry.example.com/weave-nn/${name} }\n`,
    },
    {
      file: 'k8s/components/service/settings.env',
      before: /^MCP_SYNC_SERVICE_URL/m,
      text: `${UPPER}_SERVICE_URL=http://${name}:${port}\n`,
    },
    {
      file: 'k8s/components/service/rollout.env',
      before: /^DUAL_WRITE_ENABLED/m,
      text: `${UPPER}_ROLLOUT_PERCENTAGE=0\n`,
    },
  ];
}

/** @throws Error when the place is not found: the file was rearranged, and the generator must follow */
export function addText(content: string, { file, before, text }: SharedText): string {
  const at = content.search(before);
  if (at < 0) throw new Error(`${file} has no line like ${before.source}, before which a service is added`);
  return content.slice(0, at) + text + content.slice(at);
}

/** @throws Error when the text is not there: whoever changed it must take it out by hand */
export function removeText(content: string, { file, text }: SharedText): string {
  if (!content.includes(text)) throw new Error(`${file} does not have ${JSON.stringify(text)}; take it out by hand`);
  return content.replace(text, '');
}
