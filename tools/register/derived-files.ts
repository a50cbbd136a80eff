import { contracts, variablePrefix } from '@weave-nn/clients';
import type { ServiceDefinition } from '@weave-nn/service';
import { describeSettings } from './settings-table.ts';

/** The services that people wait for most at a first start are mounted before the others. */
const mountedFirst = ['file', 'mcp-sync', 'task'];

function identifierOf(name: string): string {
  return name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

/** `apps/weave/src/services.ts`: every service of the one process, the gateway last, since the last one listens. */
function mountedServices(): string {
  const names = contracts.map(({ name }) => name).filter((name) => name !== 'gateway');
  const others = names.filter((name) => !mountedFirst.includes(name));
  const ordered = [...mountedFirst, ...others, 'gateway'];
  const imports = ordered
    .toSorted()
    .map((name) => `import { ${identifierOf(name)}Service } from '@weave-nn/${name}/service';`);
  const typeImport = "import type { ServiceDefinition } from '@weave-nn/service';";
  const sorted = [...imports, typeImport].toSorted((one, other) => moduleOf(one).localeCompare(moduleOf(other), 'en'));
  return [
    '// Derived from the register of services by `npm run derive`.',
    ...sorted,
    '',
    '/** Every service of the one process, in the order in which they are mounted. The last one listens. */',
    'export const services: readonly ServiceDefinition[] = [',
    ...ordered.map((name) => `  ${identifierOf(name)}Service,`),
    '];',
    '',
  ].join('\n');
}

function moduleOf(line: string): string {
  return /from '(.*)'/.exec(line)?.[1] ?? '';
}

const called = contracts.filter(({ name }) => name !== 'gateway');

/** Where services find each other on a cluster. */
function serviceUrls(): string {
  return called.map(({ name, port }) => `${variablePrefix(name)}_SERVICE_URL=http://${name}:${port}\n`).join('');
}

/** What part of the traffic goes to which side while services move. */
function rollout(): string {
  const percentages = called.map(({ name }) => `${variablePrefix(name)}_ROLLOUT_PERCENTAGE=0\n`);
  return `${percentages.join('')}DUAL_WRITE_ENABLED=false\n`;
}

/**
 * The files that are derived from the register of services, each with its content.
 *
 * @param definitions of every service
 */
export function derivedFiles(definitions: readonly ServiceDefinition[]): ReadonlyMap<string, string> {
  return new Map([
    ['apps/weave/src/services.ts', mountedServices()],
    ['k8s/components/service/services.env', serviceUrls()],
    ['k8s/components/service/rollout.env', rollout()],
    ['docs/settings.md', describeSettings(definitions)],
  ]);
}
