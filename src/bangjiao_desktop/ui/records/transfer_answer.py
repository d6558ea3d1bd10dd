"""The answer of the receiving office in the form of a transfer: the day of acceptance comes and goes with 已接收."""

from datetime import date

from bangjiao_desktop.domain.kinds.transfer import ACCEPTED
from bangjiao_desktop.ui.kit.record_form import RecordForm


def follow_answer(form: RecordForm, today: date) -> None:
    """Let a form of a transfer fill in the day where 已接收 is chosen, and take it away where it is not.

    Args:
        form: of `domain.kinds.transfer.Transfer`.
        today: what the day begins with.
    """
    state, day = form.fields["state"], form.fields["accepted_on"]

    def follow() -> None:
        chosen = state.value()
        if chosen == ACCEPTED and "accepted_on" in form.typed() and day.value() is None:
            day.set_value(today)
        elif chosen not in (None, ACCEPTED):
            day.set_value(None)

    state.changed.connect(follow)
