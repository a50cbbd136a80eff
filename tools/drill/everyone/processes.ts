import { type SeparateService, separateServices } from '@weave-nn/testing';
import { openWorld } from '../backbone/world.ts';
import type { Place, PlaceOptions } from './place.ts';

/** Every service in a process of its own, over servers of this drill's own. */
export async function openProcesses({ settings, prepare }: PlaceOptions): Promise<Place> {
  const world = await openWorld({ environment: () => settings, prepare });
  return {
    vault: world.vault,
    key: world.key,
    api: () => world.api,
    parts: separateServices,
    async kill(part) {
      await world.process(part as SeparateService).end('SIGKILL');
    },
    async start(part, renewed) {
      world.launch(part as SeparateService, 0, renewed);
    },
    logs: world.logs,
    close: world.close,
  };
}
