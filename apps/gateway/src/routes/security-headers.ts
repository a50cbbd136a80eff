import type { IncomingMessage, ServerResponse } from 'node:http';
import type { App } from '@weave-nn/service';
import helmet from 'helmet';

/** What helmet says with this configuration. It is the same for every answer, so it is asked once. */
function askHelmet(): Record<string, string> {
  const said: Record<string, string> = {};
  const answer = {
    setHeader: (name: string, value: string) => {
      said[name.toLowerCase()] = value;
    },
    removeHeader: () => undefined,
  };
  const protect = helmet({ contentSecurityPolicy: { directives: { 'upgrade-insecure-requests': null } } });
  protect({} as IncomingMessage, answer as unknown as ServerResponse, () => undefined);
  return said;
}

/** Headers that keep browsers from doing harm, by their names in lower case. */
export const securityHeaders: Readonly<Record<string, string>> = askHelmet();

/** Adds them to every response that does not have its own. */
export function addSecurityHeaders(app: App): void {
  app.addHook('onSend', (_request, reply, _payload, done) => {
    for (const name in securityHeaders) if (!reply.hasHeader(name)) reply.header(name, securityHeaders[name]);
    done();
  });
}
