import type { TObject } from '@weave-nn/config';
import type { ServiceNeed } from './access/needs.ts';

/** Hints for clients about what a tool does, as MCP defines them (modelcontextprotocol.io, ToolAnnotations). */
export interface ToolAnnotations {
  readOnlyHint: boolean;
  /** Whether it may destroy something, rather than only add. */
  destructiveHint: boolean;
  /** Whether repeating a call with the same arguments changes nothing more. */
  idempotentHint: boolean;
  /** Whether it reaches beyond the vault. */
  openWorldHint: boolean;
}

/** An MCP tool: what it is called with, what it returns, and what its caller must have. */
export interface ToolContract<Input extends TObject = TObject, Output extends TObject = TObject> {
  /** In snake case, unique among all services. */
  name: string;
  /** For people. */
  title: string;
  /** For models: when to use it, and what it does not do. */
  description: string;
  input: Input;
  output: Output;
  annotations: ToolAnnotations;
  needs: ServiceNeed;
}

/** Keeps the types of a tool's input and output. */
export function defineTool<Input extends TObject, Output extends TObject>(
  tool: ToolContract<Input, Output>,
): ToolContract<Input, Output> {
  return tool;
}
