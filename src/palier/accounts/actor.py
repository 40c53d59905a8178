"""Who acts: passed keyword-only to every operation, asked by every policy."""

from dataclasses import dataclass
from typing import Literal

from palier.accounts.models import Membership, Role

Kind = Literal["member", "job", "neighbour", "machine"]


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody or something that acts in one territory.

    `member` is a person who signed in; `neighbour` somebody who follows a personal link (`volunteer_id`);
    `machine` a telephone system, an operator or a message provider; `job` our own background work.
    """

    kind: Kind
    territory_id: int
    name: str
    membership_id: int | None = None
    user_id: int | None = None
    organisation_id: int | None = None
    organisation_kind: str = ""
    role: str = ""
    team_id: int | None = None
    volunteer_id: int | None = None

    @classmethod
    def job(cls, name: str, territory_id: int) -> "Actor":
        return cls(kind="job", territory_id=territory_id, name=name)

    @classmethod
    def neighbour(cls, volunteer_id: int, name: str, territory_id: int) -> "Actor":
        return cls(kind="neighbour", territory_id=territory_id, name=name, volunteer_id=volunteer_id)

    @classmethod
    def machine(cls, name: str, territory_id: int, organisation_id: int | None = None) -> "Actor":
        return cls(kind="machine", territory_id=territory_id, name=name, organisation_id=organisation_id)

    @classmethod
    def member(cls, membership: Membership) -> "Actor":
        return cls(
            kind="member",
            territory_id=membership.territory_id,
            name=membership.user.get_full_name(),
            membership_id=membership.pk,
            user_id=membership.user_id,
            organisation_id=membership.organisation_id,
            organisation_kind=membership.organisation.kind,
            role=membership.role,
            team_id=membership.team_id,
        )

    @property
    def is_desk(self) -> bool:
        """Works on people's files for the lead organisation: agent, coordinator or head."""
        return self.kind == "member" and self.role in (Role.AGENT, Role.COORDINATOR, Role.HEAD)

    @property
    def coordinates(self) -> bool:
        return self.kind == "member" and self.role in (Role.COORDINATOR, Role.HEAD)

    @property
    def grants_compartments(self) -> bool:
        """Says who may enter the files that are kept apart."""
        return self.kind == "member" and self.role == Role.HEAD

    @property
    def administers(self) -> bool:
        return self.kind == "member" and self.role in (Role.HEAD, Role.ADMINISTRATOR)

    @property
    def is_ours(self) -> bool:
        """Code acting by itself: a job, or a machine whose signature was checked."""
        return self.kind in ("job", "machine")
