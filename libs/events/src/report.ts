/** Says what went wrong while nobody waits for an answer, and what was being done. */
export type Report = (message: string, error: unknown) => void;
