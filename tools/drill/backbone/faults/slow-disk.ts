import { parseArgs } from 'node:util';
import { say } from '../../drill.ts';
import { during, faultDrill } from '../fault-drill.ts';

const MILLISECONDS = 30;
const CALLS = 'fsync,fdatasync,sync_file_range,rename,renameat,renameat2,link,linkat';

/**
 * Every process runs under strace, which makes the kernel wait before each of these calls; no other call is touched.
 * (strace(1), "Tampering": `delay_enter`.)
 */
const under = [
  ...['strace', '-D', '-f', '--seccomp-bpf', '-qq', '-o', '/dev/null'],
  ...['-e', `trace=${CALLS}`, '-e', `inject=${CALLS}:delay_enter=${MILLISECONDS * 1_000}`],
];

export const slowDisk = faultDrill({
  summary: `a disk on which each sync and rename of services and servers takes ${MILLISECONDS} ms more (by strace): [--seconds 20]`,
  short: ['--seconds', '8'],
  world: { under },
  async strike(_world, args) {
    const { values } = parseArgs({ args, options: { seconds: { type: 'string', default: '20' } } });
    say(`  for ${values.seconds} s, with ${MILLISECONDS} ms more for each of ${CALLS}`);
    await during(Number(values.seconds) * 1_000);
  },
});
