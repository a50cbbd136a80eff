import type { ToolContract } from '@weave-nn/clients';
import type { Static, TObject } from '@weave-nn/config';

/** An MCP tool as its service implements it. */
export interface Tool {
  contract: ToolContract;
  /** Takes what fits the input of the contract, on behalf of the caller of the request. */
  run(input: unknown): Promise<Record<string, unknown>>;
}

/** Implements the MCP tool that a contract declares. */
export function implementTool<Input extends TObject, Output extends TObject>(
  contract: ToolContract<Input, Output>,
  run: (input: Static<Input>) => Promise<Static<Output>>,
): Tool {
  return {
    contract,
    // The route validates the input before the tool runs, and the output of an object's schema is an object.
    run: (input) => run(input as Static<Input>) as Promise<Record<string, unknown>>,
  };
}
