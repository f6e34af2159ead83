"""The profile image of a user."""

from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.model.images import Upload, drop_image, store_image
from clerk_fake.model.users.entity import User
from clerk_fake.model.users.saving import change_user

__all__ = ["delete_profile_image", "set_profile_image"]


def set_profile_image(
    instance: Instance, user: User, upload: Upload | None, origin: Origin
) -> User:
    """Give a user this picture, in place of the one they had.

    Raises:
        ApiError: 400, there is no file or it is no picture; 413, it is too large.
    """
    image = store_image(instance, upload)
    drop_image(instance, user.image_id)
    return change_user(instance, user, origin, image_id=image.id)


def delete_profile_image(instance: Instance, user: User, origin: Origin) -> User:
    """Take a user's picture away; without one nothing changes and nothing is told."""
    if user.image_id is None:
        return user
    drop_image(instance, user.image_id)
    return change_user(instance, user, origin, image_id=None)
