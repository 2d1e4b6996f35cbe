"""The shape of a database as a value: snapshot, digest, difference.

===============  ==========================================================================================
``model``        what a snapshot is
``snapshot``     take one from a live database; with the two below, what speaks to a server here
``successive``   take one after the other, looking again only at what may have changed
``reading``      the order of the questions
``catalog``      the questions
``assembly``     how rows become objects
``acls``         access control lists in one canonical form
``labels``       security labels, put on what they are of
``digest``       fingerprint, and the digests beside it
``ignore``       what rules leave out of every comparison
``diff``         what differs between two snapshots
``renames``      what of it was renamed for certain, and which texts only follow
``inheritance``  what a partition or child table has from its parent
``majors``       what of it is the server's own
``words``        a difference as a reviewer reads it
``lists``        privileges, labels and options in words
``derive``       the way back of a repeatable migration
``alter``        SQL from one shape to another, to be proved (``alter_columns``, ``alter_names``)
``ddl``          SQL that creates, drops or amends one object
``names``        qualified names and their parts
``record``       a snapshot as bytes and back
===============  ==========================================================================================
"""
