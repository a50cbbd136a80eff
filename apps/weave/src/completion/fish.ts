import type { Completion } from './tree.ts';

/** A script that makes fish complete a program. */
export function fishCompletion(program: string, completions: readonly Completion[]): string {
  const paths = completions.map(({ path }) => `'${path}'`).join(' ');
  const lines = completions.flatMap(({ path, words, values }) => {
    const when = `-n 'test (__${program}_path) = "${path}"'`;
    const commands = words.filter((word) => !word.startsWith('--'));
    const options = words.flatMap((word) => {
      if (!word.startsWith('--')) return [];
      const choices = values.get(word);
      const rest = choices ? ` -x -a '${choices.join(' ')}'` : choices === null ? ' -r -F' : '';
      return [`complete -c ${program} ${when} -l ${word.slice(2)}${rest}`];
    });
    return [...(commands.length > 0 ? [`complete -c ${program} ${when} -a '${commands.join(' ')}'`] : []), ...options];
  });
  return `# Completes ${program} in fish.
function __${program}_path
  set -l path ${program}
  for word in (commandline -opc)[2..-1]
    if contains -- "$path $word" ${paths}
      set path "$path $word"
    end
  end
  echo $path
end
complete -c ${program} -f
${lines.join('\n')}
`;
}
