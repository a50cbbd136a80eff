import { type Role, roles, type Scope } from './roles.ts';

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** The least that a caller must have, a role and, where not each will do, a scope; `nothing` for what is open to all. */
export type Need = 'nothing' | { role: Role; scope?: Scope };

/** What a service wants of those on whose behalf another one calls it. */
export interface ServiceNeed {
  role: Role;
  /** One of these is enough; empty where each will do. */
  scopes: readonly Scope[];
}

/** What reading for another service wants, whoever it is for. */
export const anyReader: ServiceNeed = { role: 'reader', scopes: [] };

/** What each method needs; a method that is not named is there for nobody. */
export type Needs = Readonly<Partial<Record<Method, Need>>>;

/** How far a caller is trusted. */
export interface Trust {
  role: Role;
  /** What it is narrowed to; absent or empty for all that its role allows. */
  scopes?: readonly Scope[];
}

/** What a caller lacks. */
export type Lack = 'role-too-low' | 'scope-missing';

/** Whether a role allows less than another. */
export function isBelow(role: Role, least: Role): boolean {
  return roles.indexOf(role) < roles.indexOf(least);
}

/** What a caller lacks for what is needed, undefined when it lacks nothing. */
export function lackOf({ role, scopes = [] }: Trust, need: Exclude<Need, 'nothing'>): Lack | undefined {
  if (isBelow(role, need.role)) return 'role-too-low';
  if (need.scope === undefined || scopes.length === 0) return undefined;
  return scopes.includes(need.scope) ? undefined : 'scope-missing';
}

/** What reading needs. */
export function reads(scope: Scope): Needs {
  const need: Need = { role: 'reader', scope };
  return { GET: need, HEAD: need };
}

/** What changing needs. */
export function changes(scope: Scope): Needs {
  const need: Need = { role: 'editor', scope };
  return { POST: need, PUT: need, PATCH: need, DELETE: need };
}

/** What administering with these methods needs. */
export function administers(...methods: Method[]): Needs {
  return Object.fromEntries(methods.map((method) => [method, { role: 'admin', scope: 'admin' }]));
}
