import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface FunctionCoverage {
  functionName: string;
  ranges: { count: number }[];
}

interface ScriptCoverage {
  url: string;
  functions: FunctionCoverage[];
}

/**
 * What of a bundle ran, as V8 recorded it.
 *
 * @param coverageFolder what `NODE_V8_COVERAGE` named for one process, which has ended
 * @param file the end of the bundle's path
 * @returns the names of functions, which for a module that others import is its path
 */
export function ranIn(coverageFolder: string, file: string): string[] {
  // Each thread of the process has written a report of its own.
  const scripts = readdirSync(coverageFolder).flatMap((report): ScriptCoverage[] => {
    return JSON.parse(readFileSync(join(coverageFolder, report), 'utf8')).result;
  });
  const functions = scripts.filter(({ url }) => url.endsWith(file)).flatMap((script) => script.functions);
  const ran = functions.filter(({ ranges }) => (ranges[0]?.count ?? 0) > 0);
  return [...new Set(ran.map(({ functionName }) => functionName))];
}
