"""What other tools write down: file names, ledgers and locks of Flyway, Prisma Migrate and golang-migrate.

A format *describes*, as data; ``pipeline.postgres`` *does*. Nothing here opens a socket or starts a process.
"""
