import { defineRegistration } from '../registration.ts';
import { createTaskClient } from './client.ts';
import { taskContract } from './contract.ts';

export const task = defineRegistration(taskContract, createTaskClient);
