import { defineRegistration } from '../registration.ts';
import { createFileClient } from './client.ts';
import { fileContract } from './contract.ts';

export const file = defineRegistration(fileContract, createFileClient);
