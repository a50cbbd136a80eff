import type { Needs, ServiceNeed } from './access/needs.ts';
import type { ToolContract } from './tool.ts';

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

/** A queue that a service consumes. */
export interface QueueContract {
  name: string;
  exchange: 'events' | 'dead';
  /** Routing keys that it is bound to, as topic exchanges read them. */
  patterns: readonly string[];
}

/** Everything that others may know of a service. A process refuses to mount one that does something else. */
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
  /** The MCP tools that it implements. */
  tools: readonly ToolContract[];
  /** The kinds of its jobs, each with what is needed to see and cancel them. */
  jobs: Readonly<Record<string, ServiceNeed>>;
  /** The names of its schedules. */
  schedules: readonly string[];
}

/** Keeps the name of a contract as its type. */
export function defineContract<const Name extends string>(contract: ServiceContract<Name>): ServiceContract<Name> {
  return contract;
}
