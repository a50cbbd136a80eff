import type { Completion } from './tree.ts';

/** A script that makes bash complete a program. Its words are names of ours, without anything that a shell reads. */
export function bashCompletion(program: string, completions: readonly Completion[]): string {
  const paths = completions.map(({ path }) => `"${path}"`).join('|');
  const values = completions.flatMap(({ path, values: ofPath }) =>
    [...ofPath].map(([option, choices]) => {
      const found = choices ? `-W "${choices.join(' ')}"` : '-f';
      return `    "${path} ${option}") COMPREPLY=($(compgen ${found} -- "$current")); return ;;`;
    }),
  );
  const words = completions.map(({ path, words: ofPath }) => `    "${path}") words="${ofPath.join(' ')}" ;;`);
  return `# Completes ${program} in bash.
_${program}() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" path="${program}" words="" i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$path \${COMP_WORDS[i]}" in
      ${paths}) path="$path \${COMP_WORDS[i]}" ;;
    esac
  done
  case "$path $previous" in
${values.join('\n')}
  esac
  case "$path" in
${words.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _${program} ${program}
`;
}
