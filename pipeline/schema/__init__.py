"""The shape of a database as a value: snapshot, digest, difference.

``model``, ``diff`` and ``digest`` are pure; ``snapshot`` alone speaks to a server.
"""
