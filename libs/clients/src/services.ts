import type { QueueContract, ServiceContract } from './contract.ts';
import type { EveryServiceApi } from './every-service/api.ts';
import { createEveryServiceClient } from './every-service/client.ts';
import { gatewayContract } from './gateway/contract.ts';
import * as register from './register.ts';
import type { Transport } from './transport/call.ts';

type Register = typeof register;
type Called = Register[keyof Register];

/** A name as identifiers are written: `mcpSync` for `mcp-sync`. */
type CamelCase<Name extends string> = Name extends `${infer First}-${infer Rest}`
  ? `${First}${Capitalize<CamelCase<Rest>>}`
  : Name;

/** The services that others call, in the order of their ports. */
const called: readonly Called[] = Object.values(register).toSorted(
  (one, other) => one.contract.port - other.contract.port,
);

export type ServiceName = Called['contract']['name'];

/** The clients of all services, wherever they run. */
export type Clients = {
  [Service in Called as CamelCase<Service['contract']['name']>]: ReturnType<Service['createClient']> & EveryServiceApi;
};

/** Every service: the gateway, which only calls, and those that others call. */
export const contracts: readonly ServiceContract[] = [gatewayContract, ...called.map(({ contract }) => contract)];

/** The names of those that others call. */
export const serviceNames: readonly ServiceName[] = called.map(({ contract }) => contract.name);

/** The queues of every service, so that no order of starting loses an event. */
export const topology: readonly QueueContract[] = contracts.flatMap(({ queues }) => queues);

function camelCase(name: string): string {
  return name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

/** Makes a client for each service, over the transport to it. */
export function createClients(transportTo: (service: ServiceName) => Transport): Clients {
  const entries = called.map(({ contract, createClient }) => {
    const transport = transportTo(contract.name);
    const client = { ...createClient(transport), ...createEveryServiceClient(contract.name, transport) };
    return [camelCase(contract.name), client];
  });
  return Object.fromEntries(entries) as Clients;
}

/** What every service answers, of the one with this name. */
export function clientOf(clients: Clients, service: ServiceName): EveryServiceApi {
  return clients[camelCase(service) as keyof Clients];
}

/** The beginning of a service's own variables: `MCP_SYNC` for `mcp-sync`. */
export function variablePrefix(service: string): string {
  return service.toUpperCase().replaceAll('-', '_');
}
