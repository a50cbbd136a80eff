/** Says what happened while nobody waits for an answer, and the error when there was one. */
export type Report = (message: string, error: unknown) => void;
