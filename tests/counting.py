"""Counting what is asked of the database."""

from contextlib import contextmanager

from sqlalchemy import Engine, event


@contextmanager
def statements():
    """Yield a list that fills with the SQL of every statement, on whatever ledger, in the order they are sent."""
    sent = []

    def note(connection, cursor, statement, parameters, context, executemany):
        sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def scans(sent):
    """Those that reckon the stock at the end of a period, with its structure: one for each period."""
    return [one for one in sent if "GROUP BY standing.office_id" in one and one.count("sum(") > 20]
