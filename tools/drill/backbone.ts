import { broker } from './backbone/faults/broker.ts';
import { cache } from './backbone/faults/cache.ts';
import { channel } from './backbone/faults/channel.ts';
import { clock } from './backbone/faults/clock.ts';
import { database } from './backbone/faults/database.ts';
import { fatal } from './backbone/faults/fatal.ts';
import { hang } from './backbone/faults/hang.ts';
import { kill } from './backbone/faults/kill.ts';
import { partition } from './backbone/faults/partition.ts';
import { poison } from './backbone/faults/poison.ts';
import { rolling } from './backbone/faults/rolling.ts';
import { slowDisk } from './backbone/faults/slow-disk.ts';
import { soak } from './backbone/faults/soak.ts';
import { twice } from './backbone/faults/twice.ts';
import type { Drill } from './drill.ts';

/** Faults of services that run as processes of their own, and of the servers beneath them. */
export const backboneDrills: Readonly<Record<string, Drill>> = {
  kill,
  broker,
  channel,
  hang,
  database,
  cache,
  partition,
  poison,
  fatal,
  twice,
  clock,
  'slow-disk': slowDisk,
  rolling,
  soak,
};
