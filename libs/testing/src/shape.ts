/**
 * The ways in which a system under test is put together: one process with everything embedded; one process on
 * PostgreSQL, RabbitMQ and Redis; a process for each service on them.
 */
export type Shape = 'embedded' | 'servers' | 'processes';

/** The shape that this run tests, as `WEAVE_TEST_SHAPE` says. */
export const testShape = (process.env.WEAVE_TEST_SHAPE ?? 'embedded') as Shape;
