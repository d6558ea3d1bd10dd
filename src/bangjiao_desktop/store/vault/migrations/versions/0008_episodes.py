"""A person may be released more than once: episodes and standings; what there was becomes the first of each."""

from datetime import date
from typing import Any

import sqlalchemy as sa
from alembic import op
from uuid_utils.compat import uuid7

from bangjiao_desktop.store.vault.migrations.frozen import Key

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_LIVE = "deleted_at IS NULL"
_BEGINNING, _FOREVER = date(1, 1, 1), date(9999, 12, 31)
_TAKEN = (
    "category", "recidivist", "offence", "sentence", "prison", "release_date", "term_end", "sanwu", "escort_required",
    "handover_date", "handover_mode", "unplaced_reason", "early_release", "early_release_reason", "prison_warning",
    "prior_convictions", "supplementary_penalty", "prison_training", "prison_conduct",
)  # fmt: skip
_AT_ONCE = 2000
# Two episodes of a person never overlap, whoever writes: the earlier has ended by the release of the later.
_OVERLAP = (
    "SELECT 1 FROM episode o WHERE o.person_id = NEW.person_id AND o.id <> NEW.id AND o.deleted_at IS NULL AND ("
    "(o.release_date < NEW.release_date OR (NEW.release_date IS NULL AND o.release_date IS NOT NULL)) "
    "AND (o.changed_on IS NULL OR o.changed_on > NEW.release_date) "
    "OR (NEW.release_date < o.release_date OR (o.release_date IS NULL AND NEW.release_date IS NOT NULL)) "
    "AND (NEW.changed_on IS NULL OR NEW.changed_on > o.release_date))"
)


def upgrade() -> None:
    """Make the tables and carry everybody over."""
    connection = op.get_bind()
    _tables()
    op.add_column("person", sa.Column("village", sa.String(length=100), server_default="", nullable=False))
    op.add_column("person", sa.Column("episode_id", Key(), nullable=True))
    op.add_column("person", sa.Column("episode_number", sa.Integer(), server_default="1", nullable=False))
    op.add_column("support_record", sa.Column("outcome", sa.String(length=2), nullable=True))
    kind = "UUID" if connection.dialect.name == "postgresql" else "BLOB"
    op.execute(
        f"ALTER TABLE register_change ADD COLUMN episode_id {kind} "
        "CONSTRAINT fk_register_change_episode_id_episode REFERENCES episode (id)"
    )
    _carry(connection)
    op.drop_index("uq_register_change_person_live", table_name="register_change")
    _index("uq_register_change_episode_live", "register_change", ["episode_id"], unique=_LIVE)
    _index("ix_register_change_person_id", "register_change", ["person_id"])
    _without_release(connection)
    _forbid_overlap(connection)


def _tables() -> None:
    op.create_table(
        "episode",
        *_owned(),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(length=2), nullable=False),
        sa.Column("recidivist", sa.Boolean(), nullable=False),
        sa.Column("offence", sa.String(length=200), nullable=False),
        sa.Column("sentence", sa.String(length=100), nullable=False),
        sa.Column("prison", sa.String(length=100), nullable=False),
        sa.Column("release_date", sa.Date(), nullable=True),
        sa.Column("term_end", sa.Date(), nullable=True),
        sa.Column("sanwu", sa.Boolean(), nullable=False),
        sa.Column("escort_required", sa.Boolean(), nullable=False),
        sa.Column("handover_date", sa.Date(), nullable=True),
        sa.Column("handover_mode", sa.String(length=2), nullable=True),
        sa.Column("unplaced_reason", sa.String(length=200), nullable=False),
        sa.Column("early_release", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("early_release_reason", sa.String(length=200), server_default="", nullable=False),
        sa.Column("prison_warning", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("prior_convictions", sa.Integer(), nullable=True),
        sa.Column("supplementary_penalty", sa.String(length=200), server_default="", nullable=False),
        sa.Column("prison_training", sa.String(length=200), server_default="", nullable=False),
        sa.Column("prison_conduct", sa.String(length=200), server_default="", nullable=False),
        sa.Column("changed_on", sa.Date(), nullable=True),
        sa.Column("change_reason", sa.String(length=2), nullable=True),
        sa.Column("records_from", sa.Date(), nullable=False),
        sa.Column("records_until", sa.Date(), nullable=False),
        *_housekeeping(),
        *_keys("episode"),
    )
    _index("uq_episode_release_live", "episode", ["person_id", "release_date"], unique=_LIVE)
    _index("uq_episode_open_live", "episode", ["person_id"], unique=f"{_LIVE} AND changed_on IS NULL")
    _index("ix_episode_person_id_records_from_records_until", "episode", ["person_id", "records_from", "records_until"])
    _index("ix_episode_handover_date_changed_on", "episode", ["handover_date", "changed_on"])
    _index("ix_episode_release_date", "episode", ["release_date"])
    _index("ix_episode_changed_on", "episode", ["changed_on"])
    op.create_table(
        "standing",
        *_owned(),
        sa.Column("episode_id", Key(), nullable=False),
        sa.Column("from_date", sa.Date(), nullable=False),
        sa.Column("risk", sa.String(length=2), nullable=False),
        sa.Column("residence_type", sa.String(length=2), nullable=True),
        sa.Column("caseworker", sa.String(length=50), nullable=False),
        sa.Column("village", sa.String(length=100), server_default="", nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        *_housekeeping(),
        *_keys("standing"),
        sa.ForeignKeyConstraint(["episode_id"], ["episode.id"], name=op.f("fk_standing_episode_id_episode")),
    )
    _index("uq_standing_from_live", "standing", ["episode_id", "from_date"], unique=_LIVE)
    _index(
        "ix_standing_episode_id_valid_from_valid_until_office_id", "standing",
        ["episode_id", "valid_from", "valid_until", "office_id"],
    )  # fmt: skip
    _index("ix_standing_person_id", "standing", ["person_id"])
    _index("ix_standing_office_id_valid_from", "standing", ["office_id", "valid_from"])


def _owned() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("id", Key(), nullable=False), sa.Column("office_id", Key(), nullable=False),
        sa.Column("person_id", Key(), nullable=False),
    )  # fmt: skip


def _housekeeping() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("created_at", sa.DateTime(), nullable=False), sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False), sa.Column("deleted_at", sa.DateTime(), nullable=True),
    )  # fmt: skip


def _keys(table: str) -> tuple[sa.Constraint, ...]:
    return (
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f(f"fk_{table}_office_id_office")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f(f"fk_{table}_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )


def _index(name: str, table: str, columns: list[str], unique: str = "") -> None:
    where = sa.text(unique) if unique else None
    op.create_index(name, table, columns, unique=bool(unique), sqlite_where=where, postgresql_where=where)


def _carry(connection: sa.Connection) -> None:
    """One episode and one standing for everybody, deleted people too; the change that there is ended it."""
    date_, time = sa.Date(), sa.DateTime()
    typed = {name: date_ for name in ("release_date", "term_end", "handover_date")}
    typed |= {name: time for name in ("created_at", "updated_at", "deleted_at")}
    names = ("id", "office_id", *_TAKEN, "risk", "residence_type", "caseworker", "created_at", "updated_at", "deleted_at")
    person = sa.table(
        "person", *(sa.column(name, Key() if name.endswith("id") else typed.get(name)) for name in names),
        sa.column("episode_id", Key()),
    )  # fmt: skip
    change = sa.table(
        "register_change", sa.column("person_id", Key()), sa.column("episode_id", Key()),
        sa.column("changed_on", date_), sa.column("reason"), sa.column("deleted_at", time),
    )  # fmt: skip
    left = {
        row.person_id: row
        for row in connection.execute(sa.select(change).where(change.c.deleted_at.is_(None)))
    }
    episode, standing = _table(connection, "episode"), _table(connection, "standing")
    people = connection.execute(sa.select(*(person.c[name] for name in names)).order_by(person.c.id)).mappings().all()
    for begin in range(0, len(people), _AT_ONCE):
        episodes, standings, points = [], [], []
        for row in people[begin : begin + _AT_ONCE]:
            known = left.get(row["id"])
            key = _key()
            house = {"created_at": row["created_at"], "updated_at": row["updated_at"], "revision": 1, "deleted_at": row["deleted_at"]}
            owner = {"office_id": row["office_id"], "person_id": row["id"]}
            episodes.append({
                "id": key, **owner, "number": 1, **{name: row[name] for name in _TAKEN},
                "changed_on": None if known is None else known.changed_on,
                "change_reason": None if known is None else known.reason,
                "records_from": _BEGINNING, "records_until": _FOREVER, **house,
            })  # fmt: skip
            standings.append({
                "id": _key(), **owner, "episode_id": key, "from_date": row["release_date"], "risk": row["risk"],
                "residence_type": row["residence_type"], "caseworker": row["caseworker"], "village": "",
                "valid_from": _BEGINNING, "valid_until": _FOREVER, **house,
            })  # fmt: skip
            points.append({"of": row["id"], "to": key})
        connection.execute(episode.insert(), episodes)
        connection.execute(standing.insert(), standings)
        of, to = sa.bindparam("of", type_=Key()), sa.bindparam("to", type_=Key())
        connection.execute(sa.update(person).where(person.c.id == of).values(episode_id=to), points)
        connection.execute(sa.update(change).where(change.c.person_id == of).values(episode_id=to), points)


def _table(connection: sa.Connection, name: str) -> sa.Table:
    found = sa.Table(name, sa.MetaData(), autoload_with=connection)
    for column in found.c:
        if connection.dialect.name == "sqlite" and column.name.endswith("id"):
            column.type = sa.LargeBinary(16)
    return found


def _key() -> Any:
    return uuid7() if op.get_bind().dialect.name == "postgresql" else uuid7().bytes


def _without_release(connection: sa.Connection) -> None:
    """Who is still in prison has no day of release yet."""
    if connection.dialect.name == "postgresql":
        op.alter_column("person", "release_date", nullable=True)
        op.alter_column("person", "term_end", nullable=True)
        return
    # SQLite cannot take NOT NULL away; a table made anew would need everything that points to it switched off.
    indexes = {
        "ix_person_release_date_id": ["release_date", "id"],
        "ix_person_office_id_release_date_id": ["office_id", "release_date", "id"],
        "ix_person_term_end_id": ["term_end", "id"],
    }
    for name in indexes:
        op.drop_index(name, table_name="person")
    for name in ("release_date", "term_end"):
        op.add_column("person", sa.Column(f"{name}_new", sa.Date(), nullable=True))
        op.execute(f"UPDATE person SET {name}_new = {name}")
        op.execute(f"ALTER TABLE person DROP COLUMN {name}")
        op.execute(f"ALTER TABLE person RENAME COLUMN {name}_new TO {name}")
    for name, columns in indexes.items():
        _index(name, "person", columns)


def _forbid_overlap(connection: sa.Connection) -> None:
    if connection.dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION episode_apart() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN IF EXISTS ({_OVERLAP}) THEN RAISE EXCEPTION 'episodes of a person overlap' "
            "USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$"
        )
        op.execute(
            "CREATE TRIGGER episode_apart BEFORE INSERT OR UPDATE ON episode FOR EACH ROW "
            "WHEN (NEW.deleted_at IS NULL) EXECUTE FUNCTION episode_apart()"
        )
        return
    watched = "release_date, changed_on, deleted_at, person_id"
    for moment in ("INSERT", f"UPDATE OF {watched}"):
        op.execute(
            f"CREATE TRIGGER episode_apart_{moment.split()[0].lower()} BEFORE {moment} ON episode "
            f"WHEN NEW.deleted_at IS NULL AND EXISTS ({_OVERLAP}) "
            "BEGIN SELECT RAISE(ABORT, 'episodes of a person overlap'); END"
        )
