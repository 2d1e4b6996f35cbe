// How Prisma reaches PostgreSQL without its native engine: its own adapter, with what the schema engine needs
// mended. Read from the environment: PRISMA_HOME (where npm put the packages), PGHOST, PGPORT, PGUSER,
// PGDATABASE and PRISMA_SCHEMA_NAME.

import { createRequire } from 'node:module'

export const load = createRequire(`${process.env.PRISMA_HOME}/`)

const { PrismaPg } = load('@prisma/adapter-pg')
const { Pool, types } = load('pg')

// The engine reads catalogues: "char" and name come as text, which the adapter would not take them for.
const AS_TEXT = { 18: 25, 19: 25 }

// The engine never clears the timer by which it gives up on its lock: it would keep every command for 10 s.
const LOCK_TIMEOUT = 10_000
const { setTimeout } = globalThis
globalThis.setTimeout = (act, delay, ...rest) => {
  const timer = setTimeout(act, delay, ...rest)
  return delay === LOCK_TIMEOUT ? timer.unref() : timer
}

const schema = process.env.PRISMA_SCHEMA_NAME || 'public'

// One connection, or the session lock would be held by another one than runs the migrations. A URL instead of
// these fields would send the shadow database's migrations to the main one.
const place = (database) => ({
  host: process.env.PGHOST,
  port: Number(process.env.PGPORT),
  user: process.env.PGUSER,
  database,
  max: 1,
  allowExitOnIdle: true,
  options: `-c search_path="${schema.replaceAll('"', '""')}"`,
})

function mend(adapter) {
  const client = adapter.underlyingDriver()
  const query = client.query.bind(client)
  client.query = async (...asked) => {
    const answer = await query(...asked)
    for (const field of answer.fields ?? []) field.dataTypeID = AS_TEXT[field.dataTypeID] ?? field.dataTypeID
    return answer
  }
  // The adapter splits a script at every semicolon. The native engine sends it as one message.
  adapter.executeScript = async (script) => {
    try {
      await query(script)
    } catch (error) {
      adapter.onError(error)
    }
  }
  return adapter
}

export class Adapter extends PrismaPg {
  constructor() {
    super(place(process.env.PGDATABASE), { schema })
  }

  async connect() {
    return mend(await super.connect())
  }

  async connectToShadowDb() {
    const main = await this.connect()
    const database = `prisma_migrate_shadow_db_${crypto.randomUUID()}`
    await main.underlyingDriver().query(`CREATE DATABASE "${database}"`)
    const shadow = mend(await new PrismaPg(place(database), { schema }).connect())
    const dispose = shadow.dispose.bind(shadow)
    shadow.dispose = async () => {
      await dispose()
      await main.underlyingDriver().query(`DROP DATABASE "${database}"`)
      await main.dispose()
    }
    return shadow
  }
}
