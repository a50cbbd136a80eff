/**
 * Says what went wrong while nobody waits for an answer, and what was being done; without an error, that something is
 * well again.
 */
export type Report = (message: string, error: unknown) => void;
