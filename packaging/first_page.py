"""Writes store/vault/first_page.sql anew from store.reads.ledger; run it after the ledger's columns changed."""

from pathlib import Path

from bangjiao_desktop.store.reads.ledger import first_page_sql
from bangjiao_desktop.store.vault import opening

Path(opening.__file__).with_name("first_page.sql").write_text(first_page_sql(), encoding="utf-8")
