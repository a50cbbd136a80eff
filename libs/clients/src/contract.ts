import type { Needs } from './access/needs.ts';
import type { Role, Scope } from './access/roles.ts';

/** A path that a service answers to clients, with everything below it and its operations, as in `/v1/files:move`. */
export interface PublicRoute {
  path: string;
  /** Milliseconds for which the answer's beginning is waited for. */
  timeout: number;
  /** A stream that may be silent for as long as it likes once it has begun. */
  endless?: boolean;
  needs: Needs;
}

/** A path that the gateway answers itself. */
export interface OwnRoute {
  path: string;
  /** Whether it stands for what is below it as well. */
  below?: boolean;
  needs: Needs;
}

/** What a service wants of those on whose behalf another one calls it. */
export interface ServiceNeed {
  role: Role;
  /** One of these is enough; empty where each will do. */
  scopes: readonly Scope[];
}

/** A queue that a service consumes. */
export interface QueueContract {
  name: string;
  exchange: 'events' | 'dead';
  /** Routing keys that it is bound to, as topic exchanges read them. */
  patterns: readonly string[];
}

/** Everything that others may know of a service. A process refuses to mount one that does more. */
export interface ServiceContract<Name extends string = string> {
  name: Name;
  /** The port it has when it runs alone. */
  port: number;
  /** What the gateway passes on to it. */
  routes: readonly PublicRoute[];
  /** What other services ask it, by method and pattern, as in `POST /internal/rebuild`. */
  internalRoutes: Readonly<Record<string, ServiceNeed>>;
  queues: readonly QueueContract[];
  /** The beginnings of the types of the events that it publishes, as in `task.`. */
  publishes: readonly string[];
}

/** Keeps the name of a contract as its type. */
export function defineContract<const Name extends string>(contract: ServiceContract<Name>): ServiceContract<Name> {
  return contract;
}

/** What reading for another service wants, whoever it is for. */
export const anyReader: ServiceNeed = { role: 'reader', scopes: [] };
