import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ServiceDefinition } from '@weave-nn/service';

/** The names of the apps that can be built: all services, and `weave`, which is all of them in one process. */
export function appNames(workspace: string): string[] {
  return readdirSync(join(workspace, 'apps'))
    .filter((app) => existsSync(join(workspace, 'apps', app, 'src/main.ts')))
    .sort();
}

/**
 * The services that run on their own, as their code defines them, each after those whose answers it needs.
 *
 * @param workspace absolute path
 */
export async function readServices(workspace: string): Promise<ServiceDefinition[]> {
  const definitions = await Promise.all(
    appNames(workspace)
      .filter((app) => existsSync(join(workspace, 'apps', app, 'src/service.ts')))
      .map((app) => readService(workspace, app)),
  );
  // The way in comes last: by then all that it may pass requests on to is there.
  return inOrderOfNeed(definitions.sort((a, b) => Number(a.facesClients ?? false) - Number(b.facesClients ?? false)));
}

async function readService(workspace: string, app: string): Promise<ServiceDefinition> {
  const exported = await import(pathToFileURL(join(workspace, 'apps', app, 'src/service.ts')).href);
  const definition = Object.values<ServiceDefinition>(exported).find((each) => each?.name === app);
  if (definition === undefined) throw new Error(`apps/${app}/src/service.ts exports no service named ${app}`);
  return definition;
}

/**
 * Puts services in the order in which they are to be started and deployed.
 *
 * @throws Error when they need each other
 */
export function inOrderOfNeed<Named extends { name: string; needs?: readonly string[] }>(
  services: readonly Named[],
): Named[] {
  const ordered: Named[] = [];
  const waiting = new Map(services.map((service) => [service.name, service]));
  while (waiting.size > 0) {
    const next = [...waiting.values()].find(({ needs = [] }) => !needs.some((name) => waiting.has(name)));
    if (next === undefined) throw new Error(`${[...waiting.keys()].join(', ')} need each other`);
    ordered.push(next);
    waiting.delete(next.name);
  }
  return ordered;
}
