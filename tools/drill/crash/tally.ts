import type { Outcome } from '../drill.ts';

/** What was done and what was found, of one round or of all. */
export interface Tally {
  sent: number;
  acknowledged: number;
  /** Answered with an error, by code. */
  refused: Map<string, number>;
  /** Sent, and not answered when the process was killed. */
  unanswered: number;
  editorSaves: number;
  /** Acknowledged, or saved by the editor, and not there. */
  lost: string[];
  /** Done twice. */
  doubled: string[];
  /** Of one change a part is there. */
  half: string[];
  /** Vault, manifest, index and event log differ. */
  disagreements: string[];
  /** Hidden temporary files left. */
  leftovers: string[];
  /** Anything else that should not be. */
  odd: string[];
}

export const problemKinds = ['lost', 'doubled', 'half', 'disagreements', 'leftovers', 'odd'] as const;

export function createTally(): Tally {
  return {
    sent: 0,
    acknowledged: 0,
    refused: new Map(),
    unanswered: 0,
    editorSaves: 0,
    lost: [],
    doubled: [],
    half: [],
    disagreements: [],
    leftovers: [],
    odd: [],
  };
}

export function countRefused(tally: Tally, code: string): void {
  tally.refused.set(code, (tally.refused.get(code) ?? 0) + 1);
}

export function addTally(total: Tally, round: Tally): void {
  for (const name of ['sent', 'acknowledged', 'unanswered', 'editorSaves'] as const) total[name] += round[name];
  for (const kind of problemKinds) total[kind].push(...round[kind]);
  for (const [code, count] of round.refused) total.refused.set(code, (total.refused.get(code) ?? 0) + count);
}

export function hasProblems(tally: Tally): boolean {
  return problemKinds.some((kind) => tally[kind].length > 0);
}

/** A tally in the terms of every drill. */
export function toOutcome(tally: Tally): Outcome {
  const { sent, acknowledged, editorSaves, lost, half, doubled } = tally;
  return {
    held: !hasProblems(tally),
    sent: sent + editorSaves,
    acknowledged: acknowledged + editorSaves,
    lost: lost.length + half.length,
    doubled: doubled.length,
  };
}

/** A tally as one line. */
export function describeTally(tally: Tally): string {
  const refused = [...tally.refused].map(([code, count]) => `${count} ${code}`).join(', ') || '0';
  const problems = problemKinds.map((kind) => `${kind} ${tally[kind].length}`).join(', ');
  return `sent ${tally.sent}, acknowledged ${tally.acknowledged}, unanswered ${tally.unanswered}, refused ${refused}, editor ${tally.editorSaves}; ${problems}`;
}
