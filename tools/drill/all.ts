import { type Drill, type Outcome, say } from './drill.ts';

interface Row {
  name: string;
  outcome: Outcome | undefined;
  seconds: number;
}

const columns = ['sent', 'acknowledged', 'lost', 'doubled'] as const;
const widthOf = (column: string) => column.length + 2;

async function runOne(name: string, drill: Drill): Promise<Row> {
  say(`${name}: ${drill.summary}`);
  const started = performance.now();
  let outcome: Outcome | undefined;
  try {
    outcome = await drill.run([...(drill.short ?? [])]);
  } catch (error) {
    say(`FAILED: ${(error as Error).stack}`);
  }
  return { name, outcome, seconds: Math.round((performance.now() - started) / 1_000) };
}

function show(rows: readonly Row[]) {
  const longest = Math.max(...rows.map(({ name }) => name.length));
  say(`\n${''.padEnd(longest)}${columns.map((column) => column.padStart(widthOf(column))).join('')}   took`);
  for (const { name, outcome, seconds } of rows) {
    const counts = columns.map((column) => String(outcome?.[column] ?? '?').padStart(widthOf(column))).join('');
    say(`${name.padEnd(longest)}${counts} ${String(seconds).padStart(4)} s  ${outcome?.held ? 'held' : 'FAILED'}`);
  }
}

/**
 * Runs drills in turn, each with its short settings, and shows them in one table.
 *
 * @returns whether all held
 */
export async function runAll(drills: Readonly<Record<string, Drill>>): Promise<boolean> {
  const rows: Row[] = [];
  for (const [name, drill] of Object.entries(drills)) rows.push(await runOne(name, drill));
  show(rows);
  return rows.every(({ outcome }) => outcome?.held && outcome.lost + outcome.doubled === 0);
}
