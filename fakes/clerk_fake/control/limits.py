"""Switch the limits of an instance on and off, all at once or one by one."""

from dataclasses import asdict, dataclass, fields, replace
from typing import Annotated, Final, Literal, TypeAlias

from clerk_fake.control.call import ControlCall, ControlRoute
from clerk_fake.errors import ApiError
from clerk_fake.http.fields import Fields
from clerk_fake.http.forms import read_form
from clerk_fake.http.response import Response, json_response
from clerk_fake.http.router import Route
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import Between
from clerk_fake.limits.settings import DEVELOPMENT, PRODUCTION, Limits
from clerk_fake.model.settings.entity import Environment
from clerk_fake.model.settings.general import environment_of
from clerk_fake.model.unset import UNSET, Unset

__all__ = ["ROUTES", "LimitsForm", "read_limits"]

Most: TypeAlias = Annotated[int, Between(0, 1_000_000)]


@dataclass(frozen=True, slots=True)
class LimitsForm:
    """What may be said about limits; ``null`` takes a single one away.

    Attributes:
        enabled: False switches all of them off.
        environment: Whose usual figures apply; the instance's own when left out.
    """

    enabled: bool = True
    environment: Literal["development", "production"] | None = None
    requests_per_10s: Most | Unset | None = UNSET
    user_updates_per_10s: Most | Unset | None = UNSET
    invitations_per_hour: Most | Unset | None = UNSET
    bulk_invitations_per_hour: Most | Unset | None = UNSET
    organization_invitations_per_hour: Most | Unset | None = UNSET
    bulk_organization_invitations_per_hour: Most | Unset | None = UNSET
    users: Most | Unset | None = UNSET

    def applied_to(self, usual: Limits) -> Limits | None:
        """Return the limits that are wanted where ``usual`` is what Clerk allows."""
        if not self.enabled:
            return None
        if self.environment is not None:
            usual = PRODUCTION if self.environment == "production" else DEVELOPMENT
        given = {field.name: getattr(self, field.name) for field in fields(Limits)}
        return replace(usual, **{name: most for name, most in given.items() if most is not UNSET})


def read_limits(parent: Fields, name: str) -> LimitsForm:
    """Read a field that is true, false or a JSON object of limits; absent means false.

    Raises:
        ApiError: 422, it is none of these, or a limit is unknown or no number.
    """
    value = parent.anything(name)
    if value is None or isinstance(value, bool):
        return LimitsForm(enabled=bool(value))
    if not isinstance(value, dict):
        raise ApiError.bad_format(name, "true, false or a JSON object")
    return read_form(LimitsForm, Fields(value))


def _usual(instance: Instance) -> Limits:
    production = environment_of(instance) is Environment.PRODUCTION
    return PRODUCTION if production else DEVELOPMENT


def _shown(instance: Instance) -> Response:
    limiter = instance.limiter
    limits = _usual(instance) if limiter is None else limiter.limits
    return json_response({"enabled": limiter is not None, **asdict(limits)})


def _read(call: ControlCall) -> Response:
    return _shown(call.instance)


def _set(call: ControlCall) -> Response:
    instance = call.instance
    form = read_form(LimitsForm, call.request.fields())
    instance.limit(form.applied_to(_usual(instance)))
    return _shown(instance)


ROUTES: Final[tuple[ControlRoute, ...]] = (
    Route("GET", "/__fake__/instances/{instance_id}/limits", _read),
    Route("PUT", "/__fake__/instances/{instance_id}/limits", _set),
)
