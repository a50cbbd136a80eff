import { isBelow, type Lack, type Role, type Scope } from '@weave-nn/clients';

export { type Lack, lackOf } from '@weave-nn/clients';

/** Who asks, and how far it is trusted. */
export interface Caller {
  /** As it stands in events: `key:<id>`. */
  id: string;
  role: Role;
  /** What it is narrowed to; empty for all that its role allows. */
  scopes: readonly Scope[];
}

/** What a caller lacks to hand these rights to another, undefined when it has them all itself. */
export function lackToGrant(caller: Caller, granted: Pick<Caller, 'role' | 'scopes'>): Lack | undefined {
  if (isBelow(caller.role, granted.role)) return 'role-too-low';
  if (caller.scopes.length === 0) return undefined;
  const isWithin = granted.scopes.length > 0 && granted.scopes.every((scope) => caller.scopes.includes(scope));
  return isWithin ? undefined : 'scope-missing';
}
