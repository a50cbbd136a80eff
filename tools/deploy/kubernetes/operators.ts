import { type TObject, type TProperties, Type } from 'typebox';

const strict = <Properties extends TProperties>(properties: Properties) =>
  Type.Object(properties, { additionalProperties: false });
const text = Type.String({ minLength: 1 });
const quantity = Type.String({ pattern: '^[0-9.]+(m|[KMGT]i?B?)?$' });
const resources = strict({
  requests: strict({ cpu: quantity, memory: quantity }),
  limits: strict({ cpu: quantity, memory: quantity }),
});
const secretKey = strict({ name: text, key: text });
const volumeClaim = strict({
  spec: strict({
    accessModes: Type.Array(text),
    resources: strict({ requests: strict({ storage: quantity }) }),
  }),
});

const redisCommon = {
  clusterSize: Type.Integer({ minimum: 3 }),
  podSecurityContext: strict({
    runAsUser: Type.Integer({ minimum: 1 }),
    runAsNonRoot: Type.Literal(true),
    fsGroup: Type.Integer(),
  }),
  kubernetesConfig: strict({
    image: text,
    imagePullPolicy: Type.Literal('IfNotPresent'),
    redisSecret: secretKey,
    resources,
  }),
};

/**
 * What is used of the resources of operators, whose own schemas only a cluster has: CloudNativePG 1.25 and the Redis
 * operator 0.20 of opstreelabs.
 */
export const operatorSpecs: Readonly<Record<string, TObject>> = {
  'postgresql.cnpg.io/v1 Cluster': strict({
    instances: Type.Integer({ minimum: 3 }),
    imageName: text,
    primaryUpdateStrategy: Type.Enum(['unsupervised', 'supervised']),
    bootstrap: strict({ initdb: strict({ database: text, owner: text, secret: strict({ name: text }) }) }),
    postgresql: strict({
      parameters: Type.Record(text, Type.String()),
      synchronous: strict({ method: Type.Enum(['any', 'first']), number: Type.Integer({ minimum: 1 }) }),
    }),
    storage: strict({ size: quantity }),
    walStorage: strict({ size: quantity }),
    resources,
    affinity: strict({ topologyKey: text, podAntiAffinityType: Type.Enum(['preferred', 'required']) }),
  }),
  'redis.redis.opstreelabs.in/v1beta2 RedisReplication': strict({
    ...redisCommon,
    storage: strict({ volumeClaimTemplate: volumeClaim }),
  }),
  'redis.redis.opstreelabs.in/v1beta2 RedisSentinel': strict({
    ...redisCommon,
    redisSentinelConfig: strict({
      redisReplicationName: text,
      redisReplicationPassword: strict({ secretKeyRef: secretKey }),
    }),
  }),
};
