import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * Loaded into a service before anything else: its wall clock is off by the milliseconds that a file tells, which may
 * change at any moment. As when a machine's clock is set, timers and what measures durations go on as before.
 */
const { DRILL_CLOCKS = '' } = process.env;
const service = basename(dirname(dirname(process.argv[1] ?? '')));
const file = join(DRILL_CLOCKS, `clock-${service}`);
const POLL_INTERVAL_MS = 20;
let offset = 0;

function look() {
  offset = Number(readFileSync(file, 'utf8'));
}
look();
setInterval(look, POLL_INTERVAL_MS).unref();

const real = Date.now.bind(Date);
const now = () => real() + offset;

globalThis.Date = new Proxy(Date, {
  construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
  apply: (target) => new target(now()).toString(),
  get: (target, name, receiver) => (name === 'now' ? now : Reflect.get(target, name, receiver)),
});
