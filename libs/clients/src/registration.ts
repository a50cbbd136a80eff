import type { ServiceContract } from './contract.ts';
import type { Transport } from './transport/call.ts';

/** A service as the register has it: what it declares, and what makes its client. */
export interface Registration<Name extends string = string, Api = unknown> {
  contract: ServiceContract<Name>;
  createClient(transport: Transport): Api;
}

/** Keeps the name of a service and the type of its client together. */
export function defineRegistration<Name extends string, Api>(
  contract: ServiceContract<Name>,
  createClient: (transport: Transport) => Api,
): Registration<Name, Api> {
  return { contract, createClient };
}
