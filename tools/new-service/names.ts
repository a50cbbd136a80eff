/** A service's name in the ways in which code writes it. */
export interface Names {
  /** `reading-list` */
  name: string;
  /** `reading_list` */
  snake: string;
  /** `readingList` */
  camel: string;
  /** `ReadingList` */
  Pascal: string;
  /** `READING_LIST` */
  UPPER: string;
}

/** @throws Error for a name that cannot be a host name, a schema and an identifier at once */
export function namesOf(name: string): Names {
  if (!/^[a-z][a-z0-9]*(-[a-z][a-z0-9]*)*$/.test(name) || name.length > 40) {
    throw new Error(`a service is named by small letters, digits and single dashes, as in reading-list, not ${name}`);
  }
  const Pascal = name.replaceAll(/(^|-)([a-z])/g, (_all, _dash, letter: string) => letter.toUpperCase());
  const snake = name.replaceAll('-', '_');
  return { name, snake, camel: Pascal.charAt(0).toLowerCase() + Pascal.slice(1), Pascal, UPPER: snake.toUpperCase() };
}

/** Puts names in place of `__name__`, `__snake__`, `__camel__`, `__Pascal__`, `__UPPER__` and `__port__`. */
export function fillIn(text: string, names: Names, port: number): string {
  const values: Readonly<Record<string, string>> = { ...names, port: String(port) };
  return text.replaceAll(/__([A-Za-z]+?)__/g, (all, key: string) => values[key] ?? all);
}
