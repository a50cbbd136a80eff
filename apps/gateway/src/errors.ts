import { ProblemError, type Statuses } from '@weave-nn/service';

export const statuses: Statuses = {};

export const keyMissing = () =>
  new ProblemError(401, 'key-missing', 'Send the key as `Authorization: Bearer <key>`.', {
    'www-authenticate': 'Bearer realm="weave-nn"',
  });

export const keyWrong = () =>
  new ProblemError(401, 'key-wrong', 'The key is not one of this system.', {
    'www-authenticate': 'Bearer realm="weave-nn", error="invalid_token"',
  });

export const serviceAway = (service: string) =>
  new ProblemError(503, 'service-unavailable', `The service ${service} does not answer.`, { 'retry-after': '1' });

export const serviceSlow = (service: string) =>
  new ProblemError(504, 'service-timeout', `The service ${service} does not answer in time.`);

export const tooManyRequests = (seconds: number) =>
  new ProblemError(429, 'too-many-requests', `Too many requests; try again in ${seconds} s.`);
