"""One file per question. A new file here is found by itself; it gives a ``WORKLOAD`` and its ``CONTENDERS``."""
