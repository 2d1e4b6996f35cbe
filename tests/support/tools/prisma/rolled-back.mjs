// `prisma migrate resolve --rolled-back NAME`, which the command line refuses without its native engine: the
// same act of the same engine, called directly.

import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Adapter, load } from './adapter.mjs'

const { bindMigrationAwareSqlAdapterFactory } = load('@prisma/driver-adapter-utils')
const folder = dirname(load.resolve('@prisma/schema-engine-wasm'))
const glue = await import(pathToFileURL(join(folder, 'schema_engine_bg.js')))
const module = new WebAssembly.Module(readFileSync(join(folder, 'schema_engine_bg.wasm')))
const { exports } = new WebAssembly.Instance(module, { './schema_engine_bg.js': glue })
glue.__wbg_set_wasm(exports)
exports.__wbindgen_start()

const datamodel = 'datasource db {\n  provider = "postgresql"\n}\n'
const adapter = bindMigrationAwareSqlAdapterFactory(new Adapter())
const options = { datamodels: [['schema.prisma', datamodel]] }
try {
  const engine = await glue.SchemaEngine.new(options, () => {}, adapter)
  await engine.markMigrationRolledBack({ migrationName: process.argv[2] })
  process.exit(0)
} catch (error) {
  console.error(error?.message ?? error)
  process.exit(1)
}
