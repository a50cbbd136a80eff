import { type Copy, DockerfileParser, type Instruction } from 'dockerfile-ast';

/** A stage of a Dockerfile: its base, and what is done upon it. */
export interface Stage {
  name: string | undefined;
  base: string;
  instructions: readonly Instruction[];
}

/** Reads a Dockerfile, with the given build arguments put in place of their variables. */
export function readDockerfile(text: string, values: Readonly<Record<string, string>>): Stage[] {
  const filled = Object.entries(values).reduce(
    (current, [name, value]) => current.replaceAll(`\${${name}}`, value),
    text,
  );
  const stages: { name: string | undefined; base: string; instructions: Instruction[] }[] = [];
  for (const instruction of DockerfileParser.parse(filled).getInstructions()) {
    if (instruction.getKeyword() === 'FROM') {
      const [base = '', , name] = instruction.getArguments().map((argument) => argument.getValue());
      stages.push({ name, base, instructions: [] });
    } else {
      stages.at(-1)?.instructions.push(instruction);
    }
  }
  return stages;
}

/** The arguments of each instruction with this keyword. */
export function argumentsOf({ instructions }: Stage, keyword: string): string[][] {
  return instructions
    .filter((instruction) => instruction.getKeyword() === keyword)
    .map((instruction) => instruction.getArguments().map((argument) => argument.getValue()));
}

/** The program of an instruction such as ENTRYPOINT in its exec form; undefined where a shell would run it. */
export function programOf({ instructions }: Stage, keyword: string): string[] | undefined {
  const found = instructions.findLast((instruction) => instruction.getKeyword() === keyword);
  const array = /\[.*\]$/.exec(found?.getArgumentsContent() ?? '')?.[0];
  return array === undefined ? undefined : JSON.parse(array);
}

/** What a stage copies: from the build's own folder, or from another stage. */
export function copiesOf({ instructions }: Stage): { from: string | undefined; sources: string[] }[] {
  return instructions
    .filter((instruction): instruction is Copy => instruction.getKeyword() === 'COPY')
    .map((instruction) => ({
      from:
        instruction
          .getFlags()
          .find((flag) => flag.getName() === 'from')
          ?.getValue() ?? undefined,
      sources: instruction
        .getArguments()
        .slice(0, -1)
        .map((argument) => argument.getValue()),
    }));
}

/** As Go's `filepath.Match`, as far as `*`, which also fits names that begin with a dot. */
function fits(pattern: string, path: string): boolean {
  return new RegExp(`^${pattern.replaceAll('.', '[.]').replaceAll('*', '[^/]*')}$`).test(path);
}

/** Whether a `.dockerignore` keeps a path out; of its lines the last one that fits the path, or a folder above, counts. */
export function isIgnored(ignoreFile: string, path: string): boolean {
  const parts = path.split('/');
  const prefixes = parts.map((_, index) => parts.slice(0, index + 1).join('/'));
  const patterns = ignoreFile.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return patterns.reduce((ignored, line) => {
    const pattern = line.replace(/^!/, '');
    return prefixes.some((prefix) => fits(pattern, prefix)) ? !line.startsWith('!') : ignored;
  }, false);
}
