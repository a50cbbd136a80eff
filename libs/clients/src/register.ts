// The services that others call: one line for each. Everything that has to know all of them is derived from here.
export { file } from './file/registration.ts';
export { git } from './git/registration.ts';
export { mcpSync } from './mcp-sync/registration.ts';
export { task } from './task/registration.ts';
