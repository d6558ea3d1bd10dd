"""Damaged files of every kind the program reads: `python -m tests.campaigns.hostile_files --count 10000`.

Good files are damaged by chance (bits, pieces cut out, doubled, moved, emptied; texts and the parts inside an archive, whose
sums are put right again) and given to the program as a user does. Each ends in a sentence or is read; a bug box, a death, a
hang over 60 s, more than 1 GB, or something left half-done is counted. What is read of a backup must verify whole.
"""

import argparse
import contextlib
import io
import random
import resource
import shutil
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PIL import Image
from sqlalchemy import text

from bangjiao_desktop.documents.setting.pdf_pages import PdfPages
from bangjiao_desktop.domain.errors import InvalidInputError, KnownError
from bangjiao_desktop.services.base import entrance
from bangjiao_desktop.services.exchange.import_ledger import import_file
from bangjiao_desktop.services.figures import form_definitions, forms
from bangjiao_desktop.services.papers import brochures, dossiers
from bangjiao_desktop.services.people import attachments
from bangjiao_desktop.services.upkeep import audit_log, backups, restoring
from bangjiao_desktop.store.vault import keys
from tests.campaigns import killing, kills
from tests.campaigns.operations import DATA, PASSWORD, USER, opened
from tests.exchange.test_reading_formats import cell, ods, row

HANG = 60.0
MOST_KIB = 1 << 20
_BATCH = 20
_TABLES = ("person", "support_record", "attachment", "definition", "setting")


def seeds(folder: Path, template: Path) -> dict[str, list[Path]]:
    """Put good files of every kind into a folder; kind → files."""
    folder.mkdir()
    found: dict[str, list[Path]] = {"xlsx": [], "xls": [], "csv": [], "ods": []}
    for one in (*DATA.glob("*.*"), *(DATA / "cases").glob("*.*")):
        if (kind := one.suffix.lstrip(".")) in found and one.stat().st_size < 400_000:
            found[kind].append(one)
    lines = (("身份证号", "姓名", "刑释日期"), ("33041119900101001X", "费学勤", "2026-07-01"))
    rows = "".join(row(*(cell(one, office_value_type="string") for one in line)) for line in lines)
    ods(folder / "a.ods", f'<table:table table:name="人员">{rows}</table:table>')
    found["ods"].append(folder / "a.ods")
    session = opened(template / "vault")
    backups.back_up(session, folder / "a.bjbak")
    (folder / "a.pdf").write_bytes(brochures.brochure(session))
    session.close()
    for name in ("jpg", "png", "bmp", "gif"):
        Image.effect_noise((160, 120), 60).convert("P" if name == "gif" else "RGB").save(folder / f"a.{name}")
    for name in ("bjbak", "pdf", "jpg", "png", "bmp", "gif"):
        found[name] = [folder / f"a.{name}"]
    resources = Path(forms.__file__).parents[4] / "resources"
    found["toml"] = []
    for one in (resources / "forms").glob("*.toml"):  # as a form of the bureau's own
        own = folder / one.name
        own.write_text(one.read_text(encoding="utf-8").replace('"AB-', '"省-'), encoding="utf-8")
        found["toml"].append(own)
    found["md"] = sorted((resources / "brochure").glob("*.md"))
    found["json"] = [template / "vault" / "keys.json"]
    return found


def damaged(chance: random.Random, content: bytes, kind: str) -> bytes:
    """Return a file with some damage."""
    if zipfile.is_zipfile(io.BytesIO(content)) and kind != "bjbak" and chance.random() < 0.7:
        return _inside(chance, content)
    if kind in ("toml", "md", "json", "csv") and chance.random() < 0.6:
        return _in_words(chance, content)
    return _in_bytes(chance, content)


def _in_bytes(chance: random.Random, content: bytes) -> bytes:
    found = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 8))):
        if not found:
            break
        at = chance.randrange(len(found))
        size = chance.choice((1, 4, 64, 4096))
        what = chance.randrange(7)
        if what == 0:
            found[at] ^= 1 << chance.randrange(8)
        elif what == 1:
            del found[at:]
        elif what == 2:
            del found[at : at + size]
        elif what == 3:
            found[at : at + size] = bytes(len(found[at : at + size]))
        elif what == 4:
            found[at:at] = found[at : at + size]
        elif what == 5:
            found[at : at + size] = chance.randbytes(len(found[at : at + size]))
        else:
            found[at : at + 4] = chance.choice((b"\xff" * 4, b"\x7f\xff\xff\xff", b"\x00" * 4))
    return bytes(found)


def _inside(chance: random.Random, content: bytes) -> bytes:
    """Damage a part of an archive, and put the archive's own sums right again."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {one: archive.read(one) for one in archive.namelist()}
    wanted = chance.choice(list(parts))
    parts[wanted] = (_in_words if chance.random() < 0.7 else _in_bytes)(chance, parts[wanted])
    if chance.random() < 0.05:
        del parts[chance.choice(list(parts))]
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return made.getvalue()


_ODD = (
    "", " ", "\x00", "-1", "0", "99999999999999999999", "1e308", "NaN", "=1+1", "'", '"', "[", "]]>", "{" * 40, "[" * 3000, "<",
    "&#0;", "&#x10FFFF;", "\ufeff", "\u202e", "￿", "２０２６年１３月４５日", "2026-02-30", "true", "null", "\r\n", "\t",
)  # fmt: skip


def _in_words(chance: random.Random, content: bytes) -> bytes:
    """Damage a text: a word gone, doubled, moved, or an odd one in its place."""
    found = content.decode("utf-8", "surrogateescape")
    for _ in range(chance.choice((1, 1, 3, 10))):
        if not found:
            break
        at = chance.randrange(len(found))
        size = chance.choice((1, 3, 10, 60))
        piece = found[at : at + size]
        put = chance.choice(("", piece * 2, piece[::-1], chance.choice(_ODD), chance.choice(_ODD) + piece))
        found = found[:at] + put + found[at + size :]
    return found.encode("utf-8", "surrogateescape")


class Reader:
    """Gives files to the program.

    Args:
        folder: of a ledger of its own.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.session = opened(folder)
        self.person = attachments.uuid.UUID(int=0)
        with self.session.ledger.read() as connection:
            found = connection.execute(
                text("SELECT id FROM person WHERE deleted_at IS NULL AND NOT sealed ORDER BY id LIMIT 1")
            ).scalar_one()
            self.person = attachments.uuid.UUID(bytes=bytes(found))

    def read(self, kind: str, file: Path) -> str:
        """Read a file; return "read", or "refused" with the sentence."""
        readers: dict[str, Callable[[Path], None]] = {
            **dict.fromkeys(("xlsx", "xls", "ods", "csv"), self._import),
            **dict.fromkeys(("pdf", "jpg", "png", "bmp", "gif"), self._attach),
            "bjbak": self._restore, "toml": self._form, "md": self._brochure, "json": self._keys,
        }  # fmt: skip
        before = self._state()
        try:
            readers[kind](file)
        except KnownError as error:
            if not error.message or not any("\u4e00" <= one <= "\u9fff" for one in error.message):
                raise AssertionError(f"no sentence: {error.message!r}") from error
            if self._state() != before:
                raise AssertionError("refused, and changed something") from error
            return "refused"
        return "read"

    def _state(self) -> list[int]:
        with self.session.ledger.read() as connection:
            return [connection.execute(text(f"SELECT count(*) FROM {one}")).scalar_one() for one in _TABLES]

    def _import(self, file: Path) -> None:
        result = import_file(self.session, file, dry_run=True)
        if not result.rejected and sum(one.accepted for one in result.counts.values()):
            import_file(self.session, file)

    def _attach(self, file: Path) -> None:
        identifier = attachments.add(self.session, self.person, file)
        try:
            content = attachments.content(self.session, identifier)
            if content != file.read_bytes():
                raise AssertionError("kept otherwise than given")
            if file.suffix == ".pdf":
                with contextlib.suppress(InvalidInputError):  # it is kept as it came, and not drawn
                    PdfPages(content).close()
            dossiers.dossier(self.session, self.person)
        finally:
            attachments.delete(self.session, identifier, 1)

    def _restore(self, file: Path) -> None:
        back = self.folder.with_name("back")
        try:
            restored = restoring.restore(file, back, USER, PASSWORD)
            if restored.broken_entry is not None:
                raise AssertionError("restored with a broken trail")
            session = opened(back)
            try:
                if audit_log.verify(session)[1] is not None:
                    raise AssertionError("restored and not whole")
            finally:
                session.close()
        except KnownError:
            if back.exists():
                raise AssertionError("refused, and left something") from None
            raise
        finally:
            shutil.rmtree(back, ignore_errors=True)

    def _form(self, file: Path) -> None:
        made = form_definitions.add(self.session, file)
        form_definitions.restore(self.session, made.number)

    def _brochure(self, file: Path) -> None:
        try:
            content = file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            content = file.read_bytes().decode("utf-8", "replace")
        name = next(iter(brochures.sections(self.session)))
        brochures.preview(self.session, brochures.sections(self.session) | {name: content})

    def _keys(self, file: Path) -> None:
        copy = self.folder.with_name("copy")
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.folder, copy)
        (copy / "keys.json").write_bytes(file.read_bytes())
        try:
            entrance.unlock(copy, USER, PASSWORD).close()
        finally:
            shutil.rmtree(copy)


def campaign(files: dict[str, list[Path]], template: Path, count: int, seed: int, scratch: Path) -> Counter[str]:
    """Damage and read so many files of every kind in turn; return counts of what came of them."""
    chance = random.Random(seed)
    found: Counter[str] = Counter()
    kinds = list(files)
    number = 0
    while number < count:
        batch = []
        for place in range(number, min(count, number + _BATCH)):
            kind = kinds[place % len(kinds)]
            source = chance.choice(files[kind])
            target = scratch / f"{place}.{kind}"
            target.write_bytes(damaged(chance, source.read_bytes(), kind))
            batch.append((kind, target))
        number += len(batch)
        found += _read(batch, template, scratch)
        for _, one in batch:
            one.unlink()
    return found


def _read(batch: list[tuple[str, Path]], template: Path, scratch: Path) -> Counter[str]:
    """Read files in a child; one that brings it down is named, and the rest go to another child."""
    found: Counter[str] = Counter()
    rest = list(batch)
    while rest:
        folder = scratch / "ledger"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(template / "vault", folder)
        run = killing.run(lambda ack, those=tuple(rest), here=folder: _work(those, here, ack), silence=HANG)
        for kind, what in run.said:
            found[f"{kind} {what.split(':')[0]}"] += 1
            if what not in ("read", "refused"):
                kept = Path(tempfile.gettempdir()) / f"hostile-{rest[0][1].name}"
                print(f"{kept}: {what}", file=sys.stderr, flush=True)
            if what not in ("read", "refused"):
                shutil.copy(rest[0][1], kept)
            rest.pop(0)
        if run.fault and rest:
            kind, file = rest.pop(0)
            found[f"{kind} {'hung' if run.fault == 'hung' else 'died'}"] += 1
            kept = Path(tempfile.gettempdir()) / f"hostile-{file.name}"
            shutil.copy(file, kept)
            print(f"{kept}: {run.fault}", file=sys.stderr, flush=True)
    return found


def _work(batch: tuple[tuple[str, Path], ...], folder: Path, ack: Callable[[Any], None]) -> None:
    reader = Reader(folder)
    ack("begin")
    for kind, file in batch:
        try:
            what = reader.read(kind, file)
        except Exception as error:  # a bug box
            what = f"bug: {type(error).__name__}: {error}"
        used = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        ack([kind, what if used <= MOST_KIB else f"memory: {used >> 10} MiB"])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the campaign and print its table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=280, help="files altogether")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", action="append", default=None, help="kinds, by suffix")
    chosen = parser.parse_args(arguments)
    keys._MEMORY_KIB, keys._PASSES = 8192, 1
    began = time.monotonic()
    with kills.ground() as (scratch, template):
        files = seeds(scratch / "seeds", template)
        files = {kind: those for kind, those in files.items() if chosen.only is None or kind in chosen.only}
        found = campaign(files, template, chosen.count, chosen.seed, scratch)
    columns = ("read", "refused", "bug", "died", "hung", "memory")
    print(f"{'kind':<8}" + "".join(f"{one:>9}" for one in columns))
    for kind in files:
        print(f"{kind:<8}" + "".join(f"{found[f'{kind} {one}']:>9}" for one in columns))
    bad = sum(count for name, count in found.items() if name.split()[1] not in ("read", "refused"))
    print(f"{sum(found.values())} files, {bad} with a fault, {time.monotonic() - began:.0f} s")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
