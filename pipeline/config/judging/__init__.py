"""What may be said against an environments.yaml that is good YAML; each module makes complaints of one kind.

| module | speaks of |
|---|---|
| ``explain`` | single keys and values (in pydantic's eyes, in our words) |
| ``rules`` | keys against each other |
| ``paths`` | where paths lead on this disk |
| ``unbuilt`` | what this version cannot do yet |
"""
