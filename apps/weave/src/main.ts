#!/usr/bin/env -S node --max-semi-space-size=4
import { runCommand } from './command-line.ts';

await runCommand(process.argv.slice(2));
