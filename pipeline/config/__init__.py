"""environments.yaml becomes frozen values; YAML and the process environment end here."""
