"""The last day of the assistance term: a column that follows from the terms in force, kept by `Writer`."""

from sqlalchemy import Connection, Table, bindparam, case, select, update

from bangjiao_desktop.domain.definition_kinds import TERMS
from bangjiao_desktop.domain.definitions.layers import BUREAU
from bangjiao_desktop.domain.errors import KnownError
from bangjiao_desktop.domain.terms import TermRule, read_terms, term_end, term_rules
from bangjiao_desktop.store.tables.definition_models import Definition
from bangjiao_desktop.store.tables.models import Person


def terms_in_force(connection: Connection) -> dict[str, TermRule]:
    """Return the terms as the ledger has them: the bureau's, else the province's, else those shipped."""
    texts = connection.execute(
        select(Definition.text)
        .where(Definition.kind == TERMS, Definition.deleted_at.is_(None))
        .order_by(case((Definition.layer == BUREAU, 0), else_=1))
    ).scalars()
    for text in texts:
        try:
            return read_terms(text)
        except KnownError:
            continue  # what no longer reads does not count; the page of definitions says so
    return term_rules()


def refresh_terms(connection: Connection) -> int:
    """Reckon the last day of everybody's term anew; return how many changed.

    Nobody's revision grows: the day is not typed in, and who has the person open may go on.
    """
    rules = terms_in_force(connection)
    rows = connection.execute(select(Person.id, Person.release_date, Person.category, Person.term_end)).all()
    changed = [
        {"of": row.id, "to": end}
        for row in rows
        if row.release_date is not None  # who is still in prison has no term yet
        and (end := term_end(row.release_date, row.category, rules)) != row.term_end
    ]
    if changed:
        table = Person.__table__
        assert isinstance(table, Table)
        connection.execute(
            update(table).where(table.c.id == bindparam("of")).values(term_end=bindparam("to")), changed
        )  # fmt: skip
    return len(changed)
