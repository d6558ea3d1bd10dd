"""What was hidden from a user in a release or a standing, and came back untouched, is kept as the ledger has it."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from bangjiao_desktop.domain.kinds.standing import Standing


def standing_as_kept(
    values: Mapping[str, Any], seen: Sequence[Standing], kept: Sequence[Standing], identifier: uuid.UUID | None
) -> tuple[dict[str, Any], dict[str, str]]:
    """The values of a standing, with what was hidden from the user and came back untouched as the ledger keeps it; faults.

    Args:
        values: as they came.
        seen: the standings of the release as the user sees them.
        kept: the same as they are.
        identifier: of the standing that is changed; a new one begins with what held on its day.
    """
    day = values.get("from_date")
    begun = [
        place
        for place, one in enumerate(kept)
        if day is not None and one.from_date is not None and one.from_date <= day
    ]
    before = begun[-1] if begun else 0
    place = next((place for place, one in enumerate(kept) if one.id == identifier), before)
    return unhidden(values, seen[place].values(), kept[place].values())


def unhidden(
    values: Mapping[str, Any], shown: Mapping[str, Any], whole: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, str]]:
    """Values with those that were hidden from the user as the ledger keeps them; which of these came back changed."""
    hidden = [name for name in whole if name in values and shown[name] != whole[name]]
    changed = [name for name in hidden if values[name] != shown[name]]
    kept = {name: whole[name] for name in hidden if name not in changed}
    return {**values, **kept}, dict.fromkeys(changed, "这一项里有对您隐去的内容，需由所长修改")
