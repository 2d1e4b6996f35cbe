"""Plan, gates, journal, run, evidence: what is done, in what order, and with what proof."""
