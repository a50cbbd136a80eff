/** A problem document, as far as it is shown. */
export interface Problem {
  detail?: string;
  errors?: { field: string; message: string }[];
}

/** Options and arguments of a command by the fields of the request that they become, as in `{ dueDate: '--due' }`. */
export type OptionNames = Readonly<Record<string, string>>;

const INPUT_STATUSES = new Set([400, 413, 415, 422]);

/** Whether an answer says that what was asked for cannot be, rather than that it failed. */
export function isInputProblem(status: number): boolean {
  return INPUT_STATUSES.has(status);
}

/** A problem in the words of the command line; undefined when it says nothing. */
export function describeProblem({ detail, errors = [] }: Problem, names: OptionNames): string | undefined {
  const known = errors.flatMap(({ field, message }) => {
    const option = names[field.split('.').slice(1).join('.')];
    return option === undefined ? [] : [`${option}: ${message}`];
  });
  return known.length > 0 ? known.join('; ') : detail;
}
