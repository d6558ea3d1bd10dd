"""What a person's earlier releases say of a recidivist in law (刑法 65、66), said below the field of a form.

It is a suggestion: whoever fills the form decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bangjiao_desktop.domain.kinds.episode import Episode
from bangjiao_desktop.domain.kinds.reoffence import Reoffence
from bangjiao_desktop.domain.recidivism import new_crime, suggest
from bangjiao_desktop.services.people.people import PersonStory
from bangjiao_desktop.ui.kit.fields import FieldError
from bangjiao_desktop.ui.kit.record_form import RecordForm

_CRIME = "1"  # code of reoffence_class
_ASKED_BY = ("offence", "sentence", "release_date")
"""The fields the suggestion hangs on."""


@dataclass(frozen=True)
class Earlier:
    """What is known from before a release.

    Attributes:
        releases: the releases before it, the first first.
        crimes: days of crimes recorded after releases.
    """

    releases: Sequence[Episode] = ()
    crimes: Sequence[date] = ()


def earlier_of(story: PersonStory, number: int | None = None) -> Earlier:
    """Return what is known from before a person's release of that number; None: before the next one."""
    crimes = [one.day for one in story.of(Reoffence) if one.reoffence_class == _CRIME and one.day is not None]
    return Earlier([one for one in story.episodes if number is None or one.number < number], sorted(crimes))


def suggest_in(form: RecordForm, earlier: Earlier) -> None:
    """Let a form of a person's fields say the suggestion, as often as what it hangs on is typed."""
    if not earlier.releases or not {"recidivist", *_ASKED_BY} <= form.fields.keys():
        return

    def say() -> None:
        try:
            offence, sentence, release = (form.fields[name].value() for name in _ASKED_BY)
        except FieldError:
            return
        crime = new_crime(earlier.releases, earlier.crimes, offence, sentence, release)
        form.hint("recidivist", f"{suggest(earlier.releases, crime).told}由您认定。")

    for name in _ASKED_BY:
        form.fields[name].changed.connect(say)
    say()
