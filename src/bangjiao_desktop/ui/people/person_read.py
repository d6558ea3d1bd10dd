"""What a person's page shows, read in one go off the window's thread."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from bangjiao_desktop.domain.assessments import AssessmentForm
from bangjiao_desktop.domain.key_person import Criterion
from bangjiao_desktop.services.base.definitions import in_force
from bangjiao_desktop.services.base.session import Session
from bangjiao_desktop.services.people import people
from bangjiao_desktop.services.people.people import PersonStory


@dataclass(frozen=True)
class PersonRead:
    """The story of a person, and the definitions it is seen by.

    Attributes:
        story: as it may be told.
        criteria: what makes a key person.
        assessments: the forms in force.
        withheld: it tells what the law seals of itself, too (domain.withheld).
        may_open: the user may have that told.
    """

    story: PersonStory
    criteria: Sequence[Criterion]
    assessments: Sequence[AssessmentForm]
    withheld: bool = False
    may_open: bool = False


def read_person(session: Session, identifier: uuid.UUID, withheld: bool = False) -> PersonRead:
    """Read what the page of a person shows; `withheld`: what the law seals of itself, too, opened on purpose.

    Raises:
        KnownError: the person cannot be read.
    """
    story, known = people.story(session, identifier, withheld=withheld), in_force(session)
    return PersonRead(story, known.criteria, known.assessments, withheld, session.sees_sealed)
