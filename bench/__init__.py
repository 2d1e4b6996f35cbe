"""Measures the tool against others, side by side in one run. ``make bench``, or ``python -m bench.run --help``.

======================  ==========================================================================
``measure``             one command: its wall time and the CPU time of it and its children
``contest``             what a workload and a contender are; runs them in turn, round after round
``discover``            a file in ``workloads/`` or ``contenders/`` is enough to take part
``results``             medians and ratios of pairs, as a table and as JSON
``clock`` ``scripts/``  what times itself, because the start of an interpreter is not the question
``venvs``               programs of others in Python, installed when first needed
``floors`` ``applied``  a bare script on psycopg, and a database in which all is applied
``shapes`` ``schemas``  databases of many tables, and the server that they are on
``workloads/``          one file per question, with the contenders that are always there
``contenders/``         one file per program that takes part in somebody else's workload
======================  ==========================================================================
"""
