/**
 * Finds what nobody looked at: the fields of an object that a validator does not know. Kubernetes' schemas allow any
 * field, so that a misspelt one would pass.
 *
 * @param validate reads the fields that it knows of what it is given
 * @returns the paths of the others, such as `spec.template.spec.contianers`
 */
export function findUnread(object: object, validate: (watched: object) => void): string[] {
  const read = new Map<object, Set<string>>();
  function watch(value: object): object {
    const keys = new Set<string>();
    read.set(value, keys);
    return new Proxy(value, {
      get(target, key) {
        if (typeof key === 'string') keys.add(key);
        const found = Reflect.get(target, key);
        return typeof found === 'object' && found !== null ? watchOnce(found) : found;
      },
    });
  }
  const watched = new Map<object, object>();
  function watchOnce(value: object): object {
    const known = watched.get(value) ?? watch(value);
    watched.set(value, known);
    return known;
  }

  validate(watchOnce(object));
  const unread: string[] = [];
  function compare(value: object, path: string): void {
    const keys = read.get(value);
    for (const [key, child] of Object.entries(value)) {
      const here = path === '' ? key : `${path}.${key}`;
      if (keys !== undefined && !keys.has(key)) unread.push(here);
      else if (typeof child === 'object' && child !== null) compare(child, here);
    }
  }
  compare(object, '');
  return unread;
}
