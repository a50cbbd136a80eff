import { defineRegistration } from '../registration.ts';
import { createGitClient } from './client.ts';
import { gitContract } from './contract.ts';

export const git = defineRegistration(gitContract, createGitClient);
