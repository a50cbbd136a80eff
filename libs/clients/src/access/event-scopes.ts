import { lackOf, type Trust } from './needs.ts';
import type { Scope } from './roles.ts';

/** The scope that reads what events of a type tell of, by the first word of the type. */
const scopesBySubject: ReadonlyMap<string, Scope> = new Map([
  ['vault', 'files:read'],
  ['task', 'tasks:read'],
  ['git', 'git:read'],
]);

/** The scope, beside `events:read`, that events of a type need: that of the routes which answer the same. */
export function scopeOfEvent(type: string): Scope {
  return scopesBySubject.get(type.split('.', 1)[0] ?? '') ?? 'files:read';
}

/** Whether a caller may read events of a type. */
export function mayReadEvent(caller: Trust, type: string): boolean {
  return lackOf(caller, { role: 'reader', scope: scopeOfEvent(type) }) === undefined;
}
