"""The rules of the lint: what is known to go wrong, before any database is asked.

``facts`` says what a rule is given, ``table`` is the list of rules, ``run`` applies it. The rules live by
theme: ``transactions`` (what cannot be atomic), ``waiting`` (what makes others wait), ``care`` (what loses
data, or the way back). ``pipeline.sql.lint`` is the door for everybody else.
"""
