import httpx
import pytest
from clerk_backend_api import Clerk
from clerk_backend_api.models import ClerkErrors

# The client reads its own deprecated request fields whenever it builds a request.
pytestmark = pytest.mark.filterwarnings(r"ignore:warning. \*\* DEPRECATED \*\*:DeprecationWarning")


def _code(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["errors"][0]["code"]


def test_an_instance_tells_what_it_is(clerk: Clerk) -> None:
    told = clerk.instance_settings.get()

    assert told.id.startswith("ins_")
    assert told.environment_type == "development"
    assert told.allowed_origins == []

    clerk.instance_settings.update(
        request={"allowed_origins": ["chrome-extension://abc"], "hibp": False}
    )

    assert clerk.instance_settings.get().allowed_origins == ["chrome-extension://abc"]


def test_settings_that_nobody_mentions_stay(clerk: Clerk, control: httpx.Client) -> None:
    clerk.instance_settings.update(request={"support_email": "help@example.com"})
    clerk.instance_settings.update(request={"test_mode": False, "cookieless_dev": False})

    general = control.get("/settings").json()["general"]
    assert general["support_email"] == "help@example.com"
    assert general["test_mode"] is False
    assert general["url_based_session_syncing"] is False


def test_restrictions_are_changed_one_by_one(clerk: Clerk) -> None:
    first = clerk.instance_settings.update_restrictions(request={"blocklist": True})
    second = clerk.instance_settings.update_restrictions(request={"block_email_subaddresses": True})

    assert first is not None
    assert second is not None
    assert (first.blocklist, first.block_email_subaddresses) == (True, False)
    assert (second.blocklist, second.block_email_subaddresses) == (True, True)
    assert not second.allowlist


def test_the_allow_list_of_both_operations_is_one(clerk: Clerk) -> None:
    beta = clerk.beta_features.update_instance_settings(
        request={"restricted_to_allowlist": True, "from_email_address": "hello"}
    )
    assert beta is not None
    assert (beta.restricted_to_allowlist, beta.from_email_address) == (True, "hello")

    told = clerk.instance_settings.update_restrictions(request={})

    assert told is not None
    assert told.allowlist


def test_an_allow_list_needs_sign_ups_that_are_open(
    bapi: httpx.Client, control: httpx.Client
) -> None:
    control.patch("/settings", json={"general": {"sign_up_mode": "waitlist"}}).raise_for_status()

    refused = bapi.patch("/instance/restrictions", json={"allowlist": True})

    assert _code(refused) == (422, "sign_up_mode_restricted_invalid_value")
    assert bapi.patch("/instance/restrictions", json={"blocklist": True}).status_code == 200


def test_protection_is_told_as_it_was_set(clerk: Clerk) -> None:
    assert not clerk.instance_settings.get_instance_protect().rules_enabled

    changed = clerk.instance_settings.update_instance_protect(request={"rules_enabled": True})

    assert (changed.rules_enabled, changed.specter_enabled) == (True, False)
    assert clerk.instance_settings.get_instance_protect() == changed


def test_blocked_countries_are_replaced_as_a_whole(clerk: Clerk) -> None:
    changed = clerk.instance_settings.update_communication(
        request={"blocked_country_codes": ["KP", "XX", "DE"]}
    )
    unchanged = clerk.instance_settings.update_communication(request={})

    assert changed.blocked_country_codes == ["KP", "DE"]
    assert unchanged == changed == clerk.instance_settings.get_communication()


def test_oauth_scopes_go_back_to_clerks_own(clerk: Clerk) -> None:
    changed = clerk.instance_settings.update_o_auth_application_settings(
        request={"default_scopes": ["email", "profile"], "oauth_jwt_access_tokens": True}
    )
    assert changed.default_scopes == ["email", "profile"]

    reset = clerk.instance_settings.update_o_auth_application_settings(
        request={"default_scopes": None}
    )

    assert reset.default_scopes is None
    assert reset.oauth_jwt_access_tokens
    assert clerk.instance_settings.get_o_auth_application_settings() == reset


def test_organization_settings_are_told_as_they_were_set(clerk: Clerk) -> None:
    before = clerk.instance_settings.get_organization_settings()
    changed = clerk.instance_settings.update_organization_settings(
        request={"max_allowed_memberships": 7, "domains_enrollment_modes": ["automatic_invitation"]}
    )

    assert before.enabled
    assert changed.max_allowed_memberships == 7
    assert [mode.value for mode in changed.domains_enrollment_modes] == ["automatic_invitation"]
    assert changed.creator_role == before.creator_role == "org:admin"
    assert clerk.instance_settings.get_organization_settings() == changed


@pytest.mark.parametrize(
    ("path", "change", "code"),
    [
        ("/instance", {"allowed_origins": ["example.com"]}, "form_invalid_origin"),
        ("/instance", {"support_email": "nobody"}, "form_param_format_invalid"),
        ("/instance", {"test_mode": "yes"}, "form_param_format_invalid"),
        ("/instance", {"name": "x"}, "form_param_unknown"),
        (
            "/instance",
            {"preferred_sign_in_strategy_when_password_required": "luck"},
            "form_param_value_invalid",
        ),
        ("/instance/restrictions", {"sign_up_mode": "public"}, "form_param_unknown"),
        ("/instance/protect", {"checks_bypassed": True}, "form_param_unknown"),
        ("/instance/communication", {"blocked_country_codes": ["de"]}, "form_param_format_invalid"),
        (
            "/instance/communication",
            {"blocked_country_codes": ["DE", "DE"]},
            "form_param_duplicate",
        ),
        (
            "/instance/communication",
            {"blocked_country_codes": ["DE"] * 251},
            "form_param_value_invalid",
        ),
        (
            "/instance/oauth_application_settings",
            {"default_scopes": ["a b"]},
            "form_param_format_invalid",
        ),
        (
            "/instance/organization_settings",
            {"max_allowed_memberships": -1},
            "form_param_value_invalid",
        ),
        (
            "/instance/organization_settings",
            {"domains_enrollment_modes": ["by_luck"]},
            "form_param_value_invalid",
        ),
        (
            "/beta_features/instance_settings",
            {"from_email_address": "a@b"},
            "form_param_format_invalid",
        ),
    ],
)
def test_what_cannot_be_set_is_refused_and_changes_nothing(
    bapi: httpx.Client, control: httpx.Client, path: str, change: object, code: str
) -> None:
    before = control.get("/settings").json()

    assert _code(bapi.patch(path, json=change)) == (422, code)

    assert control.get("/settings").json() == before


def test_settings_come_back_with_a_snapshot(clerk: Clerk, control: httpx.Client) -> None:
    clerk.instance_settings.update_restrictions(request={"blocklist": True})
    control.patch("/settings", json={"general": {"environment": "production"}}).raise_for_status()
    snapshot = control.get("/snapshot").json()
    control.post("/reset").raise_for_status()
    assert clerk.instance_settings.get().environment_type == "development"

    control.put("/snapshot", json=snapshot).raise_for_status()

    assert clerk.instance_settings.get().environment_type == "production"
    restrictions = clerk.instance_settings.update_restrictions(request={})
    assert restrictions is not None
    assert restrictions.blocklist


@pytest.mark.parametrize(
    "change",
    [
        {"general": {"environment": "staging"}},
        {"general": {"unheard_of": 1}},
        {"id": "x"},
        {"restrictions": {"allowlist": None}},
        {"restrictions": []},
    ],
)
def test_the_control_plane_takes_no_settings_that_there_are_not(
    control: httpx.Client, change: object
) -> None:
    before = control.get("/settings").json()

    assert control.patch("/settings", json=change).status_code == 422

    assert control.get("/settings").json() == before


def test_a_client_that_is_refused_gets_clerks_error(clerk: Clerk) -> None:
    with pytest.raises(ClerkErrors) as refusal:
        clerk.instance_settings.update_communication(request={"blocked_country_codes": ["d"]})

    assert refusal.value.data.errors[0].code == "form_param_format_invalid"
