import type { Names } from './names.ts';

/** A text that a service has in a file that all share, and before which line of it that belongs. */
export interface SharedText {
  file: string;
  before: RegExp;
  text: string;
}

/** Where a service is named outside its own folders: a line or two each. */
export function sharedTexts({ name, camel, UPPER }: Names, port: number, composed: string): SharedText[] {
  return [
    {
      file: 'apps/weave/src/services.ts',
      before: /^import type \{ ServiceDefinition \}/m,
      text: `import { ${camel}Service } from '@weave-nn/${name}/service';\n`,
    },
    { file: 'apps/weave/src/services.ts', before: /^ {2}gatewayService,$/m, text: `  ${camel}Service,\n` },
    {
      file: 'libs/clients/src/register.ts',
      before: /^export \{ task \}/m,
      text: `export { ${camel} } from './${name}/registration.ts';\n`,
    },
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
