import type { Completion } from './tree.ts';

/** A script that makes zsh complete a program, sourced or as a file of its functions. */
export function zshCompletion(program: string, completions: readonly Completion[]): string {
  const paths = completions.map(({ path }) => `"${path}"`).join('|');
  const values = completions.flatMap(({ path, values: ofPath }) =>
    [...ofPath].map(([option, choices]) => {
      const found = choices ? `compadd -- ${choices.join(' ')}` : '_files';
      return `    "${path} ${option}") ${found}; return ;;`;
    }),
  );
  const offered = completions.map(({ path, words }) => `    "${path}") compadd -- ${words.join(' ')} ;;`);
  return `#compdef ${program}
# Completes ${program} in zsh.
_${program}() {
  local path_of="${program}" i
  for ((i = 2; i < CURRENT; i++)); do
    case "$path_of \${words[i]}" in
      ${paths}) path_of="$path_of \${words[i]}" ;;
    esac
  done
  case "$path_of \${words[CURRENT-1]}" in
${values.join('\n')}
  esac
  case "$path_of" in
${offered.join('\n')}
  esac
}
compdef _${program} ${program}
`;
}
