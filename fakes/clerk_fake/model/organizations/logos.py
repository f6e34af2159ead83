"""The logo of an organization."""

from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.model.images import Upload, drop_image, store_image
from clerk_fake.model.organizations.entity import Organization
from clerk_fake.model.organizations.resource import ORGANIZATIONS

__all__ = ["delete_logo", "set_logo"]


def set_logo(
    instance: Instance, organization: Organization, upload: Upload | None, origin: Origin
) -> Organization:
    """Give an organization this logo, in place of the one it had.

    Raises:
        ApiError: 400, there is no file or it is no picture; 413, it is too large.
    """
    image = store_image(instance, upload)
    drop_image(instance, organization.image_id)
    return ORGANIZATIONS.change(instance, organization, origin, image_id=image.id)


def delete_logo(instance: Instance, organization: Organization, origin: Origin) -> Organization:
    """Take the logo away; without one nothing changes and nothing is told."""
    if organization.image_id is None:
        return organization
    drop_image(instance, organization.image_id)
    return ORGANIZATIONS.change(instance, organization, origin, image_id=None)
