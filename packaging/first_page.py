"""Writes src/bangjiao_desktop/store/first_page.sql anew from store.ledger; run it after the ledger's columns changed."""

from pathlib import Path

from bangjiao_desktop.store import opening
from bangjiao_desktop.store.ledger import first_page_sql

Path(opening.__file__).with_name("first_page.sql").write_text(first_page_sql(), encoding="utf-8")
