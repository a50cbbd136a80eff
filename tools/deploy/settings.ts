import { serviceNames, variablePrefix } from '@weave-nn/clients';
import { readSettings, SettingError } from '@weave-nn/config';
import { ProcessSettings, planDeployment, type ServiceDefinition } from '@weave-nn/service';

/** Right values of what is only known where it runs, so that the settings around them can be judged. */
const examples: Readonly<Record<string, string>> = {
  DATABASE_URL: 'postgresql://user:password@host:5432/database',
  RABBITMQ_URL: 'amqp://user:password@host:5672',
  REDIS_URL: 'redis://host:6379',
};
const SECRET = 'a-secret-of-more-than-thirty-two-characters';

/** The variables that a service reads, beside those of Node. */
function knownVariables(definition: ServiceDefinition): Set<string> {
  const ofServices = serviceNames.flatMap((name) =>
    ['SERVICE_URL', 'DATABASE_URL', 'ROLLOUT_PERCENTAGE'].map((suffix) => `${variablePrefix(name)}_${suffix}`),
  );
  const own = `${variablePrefix(definition.name)}_DATABASE_URL`;
  const names = [...Object.keys(ProcessSettings.properties), ...Object.keys(definition.settings.properties)];
  return new Set([...names, ...ofServices, own, 'DUAL_WRITE_ENABLED', 'NODE_ENV', 'NODE_OPTIONS']);
}

/** The environment as the service reads it: the variables of files in place of their names. */
function withExamples(environment: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).map(([name, value]) => {
      if (!name.endsWith('_FILE')) return [name, value];
      const variable = name.slice(0, -'_FILE'.length);
      return [variable, examples[variable.replace(/^.*(?=DATABASE_URL$)/, '')] ?? SECRET];
    }),
  );
}

/**
 * Judges the environment that a service is given where it is deployed, with the service's own code.
 *
 * @param given the variables of files count as set, whatever will be in the files
 * @returns a sentence for each variable that is unknown, wrong or missing
 */
export function checkSettings(definition: ServiceDefinition, given: Readonly<Record<string, string>>): string[] {
  const environment = withExamples(given);
  const known = knownVariables(definition);
  const unknown = Object.keys(environment).filter((name) => !known.has(name));
  const problems = unknown.map((name) => `${definition.name} is given ${name}, which it does not read`);
  try {
    planDeployment([definition], readSettings(ProcessSettings, environment), environment);
    readSettings(definition.settings, environment);
  } catch (error) {
    if (!(error instanceof SettingError)) throw error;
    problems.push(`${definition.name}: ${error.message}`);
  }
  return problems;
}
