/** What a driver adapter said of an error, as far as Prisma passes it on. */
interface AdapterCause {
  kind?: string;
  /** The database's own code. */
  originalCode?: string;
  originalMessage?: string;
}

/** The system's codes for lost connections, which adapters only name by their kinds. */
const connectionCodes: Readonly<Record<string, string>> = {
  DatabaseNotReachable: 'ECONNREFUSED',
  ConnectionClosed: 'ECONNRESET',
  SocketTimeout: 'ETIMEDOUT',
};

function causeOf(error: unknown): AdapterCause | undefined {
  const { meta, name, cause } = error as {
    meta?: { driverAdapterError?: { cause?: AdapterCause } };
    name?: string;
    cause?: AdapterCause;
  };
  return meta?.driverAdapterError?.cause ?? (name === 'DriverAdapterError' ? cause : undefined);
}

/**
 * The error of a driver that Prisma's error stands for, as the driver itself would throw it, so that Prisma's queries
 * fail with the same codes as statements.
 *
 * @returns undefined for an error that Prisma made itself
 */
export function driverErrorOf(error: unknown): (Error & { code?: string; errcode?: number }) | undefined {
  const cause = causeOf(error);
  if (!cause) return undefined;
  const { kind = 'unknown', originalCode, originalMessage = kind } = cause;
  const code = originalCode ?? connectionCodes[kind];
  return Object.assign(new Error(originalMessage, { cause: error }), {
    ...(code === undefined ? {} : { code }),
    ...(/^\d+$/.test(originalCode ?? '') ? { errcode: Number(originalCode) } : {}),
  });
}
