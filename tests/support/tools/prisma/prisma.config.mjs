// What `prisma --config` reads: the migrations of PRISMA_MIGRATIONS, by way of the engine in JavaScript.

import { fileURLToPath } from 'node:url'
import { Adapter } from './adapter.mjs'

export default {
  engine: 'js',
  experimental: { adapter: true },
  schema: fileURLToPath(new URL('schema.prisma', import.meta.url)),
  migrations: { path: process.env.PRISMA_MIGRATIONS },
  adapter: async () => new Adapter(),
}
