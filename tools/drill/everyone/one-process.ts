import { temporaryFolder } from '@weave-nn/testing';
import { drillKey, startWeave } from '../weave-process.ts';
import type { Place, PlaceOptions } from './place.ts';

/** Everything in one process, with what is embedded. */
export async function openOneProcess({ settings, prepare }: PlaceOptions): Promise<Place> {
  const [vault, data] = [temporaryFolder('everyone-vault'), temporaryFolder('everyone-data')];
  const folders = { vault: vault.path, data: data.path };
  await prepare(vault.path);
  let weave = await startWeave(folders, [], settings);
  let logs = '';
  return {
    vault: vault.path,
    key: drillKey,
    api: () => weave,
    parts: ['weave'],
    async kill() {
      await weave.kill();
      logs += weave.log();
    },
    async start(_part, renewed) {
      weave = await startWeave(folders, [], { ...settings, ...renewed });
    },
    logs: () => logs + weave.log(),
    async close(isKept) {
      await weave.kill();
      if (!isKept) for (const folder of [vault, data]) folder.remove();
    },
  };
}
