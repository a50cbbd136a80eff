import { type Role, roles, type Scope } from '@weave-nn/clients';
import type { Need } from './route-table.ts';

/** Who asks, and how far it is trusted. */
export interface Caller {
  /** As it stands in events: `key:<id>`. */
  id: string;
  role: Role;
  /** What it is narrowed to; empty for all that its role allows. */
  scopes: readonly Scope[];
}

/** What a caller lacks. */
export type Lack = 'role-too-low' | 'scope-missing';

function isBelow(role: Role, least: Role): boolean {
  return roles.indexOf(role) < roles.indexOf(least);
}

/** What a caller lacks for what is needed, undefined when it lacks nothing. */
export function lackOf({ role, scopes }: Caller, need: Exclude<Need, 'nothing'>): Lack | undefined {
  if (isBelow(role, need.role)) return 'role-too-low';
  return scopes.length > 0 && !scopes.includes(need.scope) ? 'scope-missing' : undefined;
}

/** What a caller lacks to hand these rights to another, undefined when it has them all itself. */
export function lackToGrant(caller: Caller, granted: Pick<Caller, 'role' | 'scopes'>): Lack | undefined {
  if (isBelow(caller.role, granted.role)) return 'role-too-low';
  if (caller.scopes.length === 0) return undefined;
  const isWithin = granted.scopes.length > 0 && granted.scopes.every((scope) => caller.scopes.includes(scope));
  return isWithin ? undefined : 'scope-missing';
}
