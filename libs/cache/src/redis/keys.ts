/** The names of everything in Redis. */
export interface Keys {
  value(key: string): string;
  isValue(name: string): boolean;
  /** Where the version of a tag is. */
  tag(tag: string): string;
  /** A tag that every value has. */
  epoch: string;
  /** Which run of the server the epoch belongs to. */
  run: string;
  window(name: string, key: string): string;
}

/** Names what belongs to one prefix. */
export function createKeys(prefix: string): Keys {
  const values = `${prefix}:value:`;
  return {
    value: (key) => values + key,
    isValue: (name) => name.startsWith(values),
    tag: (tag) => `${prefix}:tag:${tag}`,
    epoch: `${prefix}:epoch`,
    run: `${prefix}:run`,
    window: (name, key) => `${prefix}:window:${name}:${key}`,
  };
}
