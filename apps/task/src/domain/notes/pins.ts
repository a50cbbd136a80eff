/** The line of a pin that says of a task that a content does not have it any more; each index is another. */
export const nowhere = (index: number): number => -1 - index;

/** Whether a pin says so. */
export const isNowhere = (line: number): boolean => line < 0;
