"""How people are found: by a part of a number through the index, never by looking at everybody."""

import pytest
from sqlalchemy import text

from bangjiao_desktop.store.writes.search_index import _matching_word


def test_a_part_of_a_number_looks_at_nobody_else(demo_session):
    with demo_session.ledger.read() as connection:
        if connection.dialect.name != "sqlite":
            pytest.skip("PostgreSQL has an index of its own for it")
        asked = _matching_word("19970727").compile(connection, compile_kwargs={"literal_binds": True})
        plan = [row.detail for row in connection.execute(text(f"EXPLAIN QUERY PLAN {asked}"))]
    assert any("person_fts" in step for step in plan)
    assert [step for step in plan if step.startswith("SEARCH person_search USING INTEGER PRIMARY KEY")], plan
    assert not [step for step in plan if step.startswith(("SCAN person_search", "SCAN person_name_key"))], plan
