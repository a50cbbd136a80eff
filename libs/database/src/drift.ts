import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { PrismaPg } from '@prisma/adapter-pg';
import {
  bindMigrationAwareSqlAdapterFactory,
  type SqlMigrationAwareDriverAdapterFactory,
} from '@prisma/driver-adapter-utils';
import pg from 'pg';
import { locateDatabase } from './options.ts';
import { createSqliteAdapter } from './sqlite/adapter.ts';
import { openConnection } from './sqlite/connection.ts';
import { createWriter } from './sqlite/writer.ts';

export interface DriftOptions {
  /** The service's `schema.prisma`. */
  schemaFile: string;
  /** A migrated database. */
  url: string;
  /** PostgreSQL only: its schema. */
  schema?: string;
  /** Fields that are row ids. On SQLite they have 64 bits in columns that must be INTEGER, which Prisma takes for 32. */
  rowIds?: readonly string[];
}

/** A database as Prisma's schema engine sees it. */
interface Examined {
  factory: Pick<SqlMigrationAwareDriverAdapterFactory, 'provider' | 'adapterName' | 'connect'>;
  /** Every table, in the form that the engine's filter wants. */
  tables: { name: string; filter: string }[];
  close(): Promise<void>;
}

/**
 * Says how the tables of a migrated database differ from the models of a `schema.prisma`; other tables are not looked at.
 * For tests: loads Prisma's schema engine, which is a dependency of development only.
 *
 * @returns what would have to change in the database, in the engine's words; empty when nothing would.
 * @throws DatabaseError `database-url-invalid`, and what the engine says when the schema is wrong.
 */
export async function schemaDrift(options: DriftOptions): Promise<string> {
  const { schemaFile, url, schema = 'public', rowIds = [] } = options;
  const location = locateDatabase(url);
  const narrowed = location.provider === 'sqlite' ? rowIds : [];
  const text = (await readFile(schemaFile, 'utf8'))
    .replace(/(datasource\s+\w+\s*\{[^}]*?\bprovider\s*=\s*)"[^"]*"/, `$1"${location.provider}"`)
    .replace(/^( +(\w+) +)BigInt/gm, (field, before, name) => (narrowed.includes(name) ? `${before}Int` : field));
  const modelled = new Set(
    [...text.matchAll(/^model\s+(\w+)\s*\{([\s\S]*?)^\}/gm)].map(
      ([, name, body]) => /@@map\("([^"]+)"\)/.exec(body ?? '')?.[1] ?? name,
    ),
  );
  const examined = location.provider === 'sqlite' ? examineFile(location.file) : await examineSchema(url, schema);
  try {
    const { SchemaEngine } = await import('@prisma/schema-engine-wasm');
    // A comparison of two known schemas never asks for the scratch database that the interface has.
    const factory = { ...examined.factory, connectToShadowDb: () => examined.factory.connect() };
    const files = [{ path: schemaFile, content: text }];
    const engine = await SchemaEngine.new(
      { datamodels: [[schemaFile, text]] },
      () => {},
      bindMigrationAwareSqlAdapterFactory(factory),
    );
    const { exitCode, stdout } = await engine.diff({
      from: { tag: 'schemaDatasource', files, configDir: dirname(schemaFile) },
      to: { tag: 'schemaDatamodel', files },
      script: false,
      exitCode: true,
      filters: {
        externalTables: examined.tables.filter(({ name }) => !modelled.has(name)).map(({ filter }) => filter),
        externalEnums: [],
      },
    });
    engine.free();
    return exitCode === 0 ? '' : (stdout ?? '').trim();
  } finally {
    await examined.close();
  }
}

function examineFile(file: string): Examined {
  const connection = openConnection(file, 'write', { quotedText: true });
  const { provider, adapterName, connect } = createSqliteAdapter(
    createWriter(connection, file),
    connection,
    () => false,
    file,
  );
  const rows = connection.all(`SELECT name FROM sqlite_schema WHERE type = 'table'`, []) as { name: string }[];
  return {
    factory: { provider, adapterName, connect },
    tables: rows.map(({ name }) => ({ name, filter: name })),
    async close() {
      connection.handle.close();
    },
  };
}

/** The engine asks for columns of PostgreSQL's internal type "char", which the adapter does not know, as it knows bpchar. */
const knownTypes = new Map([
  [18, 1042],
  [1002, 1014],
]);

async function examineSchema(url: string, schema: string): Promise<Examined> {
  const pool = new pg.Pool({ connectionString: url, options: `-c search_path=${schema}` });
  const query = pool.query.bind(pool) as (...values: unknown[]) => Promise<pg.QueryResult>;
  const queryWithKnownTypes = async (...values: unknown[]): Promise<pg.QueryResult> => {
    const result = await query(...values);
    for (const field of result.fields) field.dataTypeID = knownTypes.get(field.dataTypeID) ?? field.dataTypeID;
    return result;
  };
  Object.assign(pool, { query: queryWithKnownTypes });
  const { rows } = await pool.query('SELECT tablename AS name FROM pg_tables WHERE schemaname = $1', [schema]);
  const prisma = new PrismaPg(pool, { schema });
  return {
    factory: { provider: prisma.provider, adapterName: prisma.adapterName, connect: () => prisma.connect() },
    tables: rows.map(({ name }: { name: string }) => ({ name, filter: `${schema}.${name}` })),
    close: () => pool.end(),
  };
}
