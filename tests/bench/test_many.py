from bench.workloads.many import COUNT, migration


def test_the_generated_migrations_are_always_the_same_and_as_described() -> None:
    texts = [migration(number)[1] for number in range(1, COUNT + 1)]
    assert texts == [migration(number)[1] for number in range(1, COUNT + 1)]
    assert sum(text.count("CREATE TABLE") for text in texts) == 400
    assert sum(text.count(";") for text in texts) == 1400


def test_a_table_refers_to_the_table_before_and_never_to_an_altered_number() -> None:
    assert "REFERENCES t4 (id)" in migration(6)[1]
    assert "ALTER TABLE t4 " in migration(5)[1]
    assert "REFERENCES" not in migration(1)[1]
