"""What a plain tree of YAML or JSON must look like, said once: it is read by that, and editors are told by it.

| module | holds |
|---|---|
| ``words`` | how words of a file are repeated to people |
| ``complaints`` | what is wrong with a tree, and at which key |
| ``kinds`` | what single values, lists and mappings of names may be |
| ``section`` | mappings with known keys, read into frozen values |
| ``schema`` | the same as JSON Schema |
"""
