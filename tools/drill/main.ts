import { runAll } from './all.ts';
import { backboneDrills } from './backbone.ts';
import { crash } from './crash.ts';
import { type Drill, say } from './drill.ts';
import { everyone, everyoneApart } from './everyone.ts';
import { fuzz } from './fuzz.ts';
import { tasks } from './tasks.ts';
import { together } from './together.ts';

const drills: Readonly<Record<string, Drill>> = {
  crash,
  tasks,
  everyone,
  'everyone-apart': everyoneApart,
  together,
  fuzz,
  ...backboneDrills,
};

function list() {
  say('npm run drill -- NAME [options]\n');
  for (const [name, { summary }] of Object.entries(drills)) say(`  ${name.padEnd(14)} ${summary}`);
  say(`  ${'all'.padEnd(14)} each of them in turn, with short settings, and one table`);
}

const [name = '', ...args] = process.argv.slice(2);
const drill = Object.hasOwn(drills, name) ? drills[name] : undefined;
if (drill) {
  process.exitCode = (await drill.run(args)).held ? 0 : 1;
} else if (name === 'all') {
  process.exitCode = (await runAll(drills)) ? 0 : 1;
} else {
  list();
  process.exitCode = name === '' ? 0 : 2;
}
