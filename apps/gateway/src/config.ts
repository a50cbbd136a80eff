import { type Static, setting, Type } from '@weave-nn/config';

export const GatewaySettings = Type.Object({
  WEAVE_API_KEY: setting.secret({
    description: 'the key of requests; generated in the data directory when unset',
    minLength: 16,
    expected: 'at least 16 characters',
  }),
  CORS_ORIGINS: setting.optional({
    description: 'origins of pages that may call, separated by commas; none when unset',
  }),
  RATE_LIMIT: setting.integer({
    description: 'requests a second from one address; 0 for no limit',
    default: 0,
    minimum: 0,
    maximum: 1_000_000,
  }),
  AUTH_RATE_LIMIT: setting.integer({
    description: 'wrong keys a second from one address; 0 for no limit',
    default: 0,
    minimum: 0,
    maximum: 1_000_000,
  }),
});

export type GatewaySettings = Static<typeof GatewaySettings>;
