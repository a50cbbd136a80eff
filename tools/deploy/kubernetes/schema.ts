import { Errors } from 'typebox/value';
import { type KubernetesObject, titleOf } from './objects.ts';
import { operatorSpecs } from './operators.ts';
import { findUnread } from './unread.ts';

/** Where the class of a kind is, which holds its validator. */
function moduleOf({ apiVersion, kind }: KubernetesObject): string {
  const from = apiVersion.startsWith('cert-manager.io/') ? '@kubernetes-models/cert-manager' : 'kubernetes-models';
  return `${from}/${apiVersion}/${kind}`;
}

function checkOperatorObject(object: KubernetesObject): string[] | undefined {
  const schema = operatorSpecs[`${object.apiVersion} ${object.kind}`];
  if (schema === undefined) return undefined;
  return [...Errors(schema, object.spec)].map(
    ({ instancePath, message }) => `${titleOf(object)}: spec${instancePath} ${message}`,
  );
}

/**
 * Holds an object against the schema of its kind, and against fields that this does not have.
 *
 * @returns a sentence for each problem
 */
export async function checkSchema(object: KubernetesObject): Promise<string[]> {
  const known = checkOperatorObject(object);
  if (known) return known;
  let validate: (this: object) => void;
  try {
    const models = await import(moduleOf(object));
    validate = models[object.kind].prototype.validate;
  } catch {
    return [`${titleOf(object)}: ${object.apiVersion} has no such kind`];
  }
  try {
    const unread = findUnread(object, (watched) => validate.call(watched));
    return unread.map((path) => `${titleOf(object)}: ${path} is no field of it`);
  } catch (error) {
    return [`${titleOf(object)}: ${(error as Error).message}`];
  }
}
