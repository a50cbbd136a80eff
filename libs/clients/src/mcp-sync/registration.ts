import { defineRegistration } from '../registration.ts';
import { createMcpSyncClient } from './client.ts';
import { mcpSyncContract } from './contract.ts';

export const mcpSync = defineRegistration(mcpSyncContract, createMcpSyncClient);
