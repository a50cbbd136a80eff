/** A setting that is missing or wrong: one line that names the variable, what was expected and what was found. */
export class SettingError extends Error {
  readonly code = 'setting-invalid';
  readonly variable: string;

  constructor(variable: string, expected: string, found: string) {
    super(`${variable}: expected ${expected}, found ${found}`);
    this.name = 'SettingError';
    this.variable = variable;
  }
}
