import { parseAllDocuments } from 'yaml';

/** Anything that Kubernetes keeps; what is in it beyond its name depends on the kind. */
export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string>; annotations?: Record<string, string> };
  // biome-ignore lint/suspicious/noExplicitAny: the schemas of Kubernetes say what is in it, and are checked apart
  [field: string]: any;
}

/**
 * Reads the objects of a YAML stream.
 *
 * @throws YAMLParseError for text that is none
 */
export function readObjects(text: string): KubernetesObject[] {
  return parseAllDocuments(text, { merge: true }).flatMap((document) => {
    const [error] = document.errors;
    if (error) throw error;
    const object = document.toJS();
    return object === null ? [] : [object];
  });
}

/** An object as people name it: `Deployment file`. */
export function titleOf({ kind, metadata }: KubernetesObject): string {
  return `${kind} ${metadata.name}`;
}

/** The template of an object's pods, undefined for a kind without. */
export function podOf(object: KubernetesObject): KubernetesObject | undefined {
  return ['Deployment', 'StatefulSet', 'Job'].includes(object.kind) ? object.spec.template : undefined;
}
