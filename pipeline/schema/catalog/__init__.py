"""What the system catalogs are asked, as set-based queries: one per kind of object, never one per object.

===============  ========================================================================================
``query``        what a query is and how its rows are laid out
``options``      options of foreign objects, without their secrets
``scope``        which schemas, what to leave out, and what belongs to all kinds (comments, labels, ACLs)
``relations``    tables, views, sequences, indexes, and what hangs on them (columns, constraints, …)
``routines``     schemas, functions, procedures, aggregates
``types``        types, domains, collations, conversions
``operators``    access methods, operators, their classes and families
``text_search``  parsers, templates, dictionaries, configurations
``database``     what belongs to no schema: extensions, event triggers, casts, servers, defaults
``replication``  publications
``settings``     what a database is set to and subscribes to: no objects, with a digest of their own
===============  ========================================================================================

Every query gets ``%(namespaces)s`` (oids of the managed schemas) and ``%(members)s`` (oids, in the query's own
catalog, that belong to an extension or a ledger). It runs under an empty search_path, so that the server
qualifies and quotes every name it prints.
"""
