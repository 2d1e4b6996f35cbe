"""What may be said against an environments.yaml beyond its shape; each module makes complaints of one kind.

| module | speaks of |
|---|---|
| ``rules`` | keys against each other |
| ``paths`` | where paths lead on this disk |
| ``unbuilt`` | what this version cannot do yet |
"""
