import { backboneDrills } from './backbone.ts';
import { crash } from './crash.ts';
import { type Drill, say } from './drill.ts';
import { together } from './together.ts';

const drills: Readonly<Record<string, Drill>> = { crash, together, ...backboneDrills };

const [name = '', ...args] = process.argv.slice(2);
const drill = drills[name];
if (drill) {
  process.exitCode = (await drill.run(args)) ? 0 : 1;
} else {
  say('usage: npm run drill -- NAME [options]');
  for (const [each, { summary }] of Object.entries(drills)) say(`  ${each.padEnd(10)} ${summary}`);
  process.exitCode = 2;
}
