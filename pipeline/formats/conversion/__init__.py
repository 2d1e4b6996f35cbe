"""The same migrations in another tool's layout.

==============  ==================================================================
``versions``    which version a migration has there
``layouts``     which files it becomes
``settings``    what the other tool has no word for, and what stands for it
``convert``     a release becomes files, and is read back before they are believed
``note``        conversion.json: which migration became which, for taking over
==============  ==================================================================
"""
