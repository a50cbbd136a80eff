import type { lintSource as LintSource } from '@secretlint/core';

type Config = Parameters<typeof LintSource>[0]['options']['config'];

export interface Secret {
  line: number;
  /** What it is, without the secret itself. */
  kind: string;
}

/** Looks for secrets by secretlint's recommended rules, which are loaded at the first use. */
export async function findSecrets(path: string, content: string): Promise<Secret[]> {
  const [{ lintSource }, { creator }] = await Promise.all([
    import('@secretlint/core'),
    import('@secretlint/secretlint-rule-preset-recommend'),
  ]);
  const config: Config = {
    rules: [{ id: '@secretlint/secretlint-rule-preset-recommend', rule: creator, rules: [] }],
  };
  const { messages } = await lintSource({
    source: { filePath: path, content, ext: '.md', contentType: 'text' },
    options: { config, locale: 'en', maskSecrets: true, noPhysicFilePath: true },
  });
  return messages.map(({ loc, messageId, ruleId }) => ({
    line: loc.start.line,
    kind: `${ruleId.replace(/^.*secretlint-rule-/, '')} ${messageId}`,
  }));
}
