import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { temporaryFolder } from '@weave-nn/testing';
import { startWeave, type WeaveChild } from '../drill/weave-process.ts';
import { generateVault } from '../generate/vault.ts';
import { residentMemory, runChild } from './children.ts';
import { coldIndex } from './cold-index.ts';
import { events } from './events.ts';
import type { Bench, Figure, IndexedVault, Measurement } from './figure.ts';
import { gateway } from './gateway.ts';
import { git } from './git.ts';
import { idle } from './idle.ts';
import { memory } from './memory.ts';
import { parse } from './parse.ts';
import { routes } from './routes.ts';
import { saveToFound } from './save-to-found.ts';
import { search } from './search.ts';
import { separate } from './services.ts';
import { start } from './start.ts';
import { tasks } from './tasks.ts';
import { wakeUp } from './wake-up.ts';
import { write } from './write.ts';

const SILENCE = 15_000;

// Those that write into the vault come last.
const figures: Readonly<Record<string, Figure>> = {
  parse,
  'cold-index': coldIndex,
  start,
  memory,
  search,
  gateway,
  git,
  routes,
  services: separate,
  idle,
  events,
  'wake-up': wakeUp,
  tasks,
  'save-to-found': saveToFound,
  write,
};

function print(line: string) {
  process.stdout.write(`${line}\n`);
}

function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** Waits until nothing new was told of for longer than anything waits that goes on by itself: what is due is told last. */
async function untilSilent(weave: WeaveChild): Promise<void> {
  let told = -1;
  for (let since = performance.now(); performance.now() - since < SILENCE; await setTimeout(500)) {
    const { position } = (await weave.call('/v1/system')).json.index;
    if (position === told) continue;
    told = position;
    since = performance.now();
  }
}

function prepareBench(scratch: string, notes: number, seed: number): Bench {
  const vault = join(scratch, 'vault');
  const generated = generateVault({ folder: vault, notes, seed });
  print(`${generated.files} files, ${(generated.bytes / 1e6).toFixed(1)} MB, Node ${process.versions.node}`);
  return {
    scratch,
    vault,
    generated,
    indexed: once(async (): Promise<IndexedVault> => {
      const folders = { vault, data: join(scratch, 'data') };
      mkdirSync(folders.data);
      const weave = await startWeave(folders);
      await weave.ready();
      await weave.settled();
      await untilSilent(weave);
      const resident = residentMemory(weave.pid);
      await weave.stop();
      return { ...folders, resident };
    }),
    bareTable: once(async () => {
      const file = join(scratch, 'bare.db');
      await runChild('bare-table.ts', vault, file);
      return file;
    }),
  };
}

function table(measurements: readonly Measurement[]): string {
  const rows = [
    ['figure', 'ours', 'baseline', 'ratio', 'wanted', ''],
    ...measurements.map(({ name, ours, baseline, ratio, wanted, ok }) => [
      name,
      ours,
      baseline,
      ratio === null ? '—' : `${ratio.toFixed(2)} ×`,
      wanted,
      ok === null ? '' : ok ? 'ok' : 'MISSED',
    ]),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

async function run(names: readonly string[], notes: number, seed: number): Promise<boolean> {
  const scratch = temporaryFolder('bench');
  try {
    const bench = prepareBench(scratch.path, notes, seed);
    const all: Measurement[] = [];
    for (const [name, figure] of Object.entries(figures)) {
      if (names.length > 0 && !names.includes(name)) continue;
      print(`measuring ${name}`);
      const measured = await figure(bench);
      for (const note of measured.flatMap((each) => each.notes ?? [])) print(`  ${note}`);
      all.push(...measured);
    }
    print(`\n${table(all)}`);
    return all.every(({ ok }) => ok !== false);
  } finally {
    scratch.remove();
  }
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { notes: { type: 'string', default: '10000' }, seed: { type: 'string', default: '1' } },
});
const unknown = positionals.filter((name) => !(name in figures));
if (unknown.length > 0) {
  print(`no figure ${unknown.join(', ')}; there are: ${Object.keys(figures).join(', ')}`);
  process.exitCode = 2;
} else {
  process.exitCode = (await run(positionals, Number(values.notes), Number(values.seed))) ? 0 : 1;
}
