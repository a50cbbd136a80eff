/** The consumer that keeps the index; its inbox and sequences are kept under this name. */
export const CONSUMER = 'mcp-sync';
