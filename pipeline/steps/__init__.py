"""One file per step of a promotion: the verbs of the product."""
