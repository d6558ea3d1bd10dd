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
    """The story of a person, and the definitions it is seen by."""

    story: PersonStory
    criteria: Sequence[Criterion]
    assessments: Sequence[AssessmentForm]


def read_person(session: Session, identifier: uuid.UUID) -> PersonRead:
    """Read what the page of a person shows.

    Raises:
        KnownError: the person cannot be read.
    """
    story, known = people.story(session, identifier), in_force(session)
    return PersonRead(story, known.criteria, known.assessments)
