"""What all factories have in common: one POST makes an object, a batch goes out all at once."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar, Generic, Protocol, Self, TypeVar

from factory import random
from factory.base import Factory
from faker import generator

from clerk_harness.clerk import ClerkInstance, Post
from clerk_harness.errors import ConfigurationError

__all__ = ["ClerkFactory", "Draft", "Made", "seeded"]


class Made(Protocol):
    """What a factory makes, read from Clerk's answer."""

    @classmethod
    def from_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read the JSON of the Backend API."""


M = TypeVar("M", bound=Made)


class Draft(dict[str, Any]):
    """What ``build`` returns: the body of the request that would make the object."""


class ClerkFactory(Factory[M], Generic[M]):
    """Makes objects through the Backend API.

    Attributes:
        clerk: The instance to work for; every call takes it as ``clerk=``.
    """

    class Meta:
        """An abstract factory."""

        abstract = True

    clerk: Any = None

    _drafted: ClassVar[Mapping[str, Any]] = {}
    """Fields that hold objects of other factories: in a batch, those are made first, at once."""

    @classmethod
    def post(cls, draft: Draft) -> Post:
        """Return the request that makes the object of a draft."""
        raise NotImplementedError

    @classmethod
    def build(cls, **kwargs: Any) -> Any:
        """Return a :class:`Draft`: what would be sent to make the object."""
        return super().build(**kwargs)

    @classmethod
    def create_batch(cls, size: int, **kwargs: Any) -> list[M]:
        """Make ``size`` objects with many requests under way at once; a thousand take a second.

        Hooks after generation want their objects one by one, and get them so.

        Raises:
            ClerkRefusedError: Clerk refused one; those before it were made.
        """
        if cls._meta.post_declarations.as_dict():
            return super().create_batch(size, **kwargs)
        clerk = cls._bound(kwargs.get("clerk", cls._meta.base_declarations.get("clerk")))
        return cls.create_all(clerk, [cls.build(**{**kwargs, "clerk": clerk}) for _ in range(size)])

    @classmethod
    def create_all(cls, clerk: ClerkInstance, drafts: list[Any]) -> list[M]:
        """Make the objects of drafts, at once.

        Raises:
            ClerkRefusedError: Clerk refused one; those before it were made.
        """
        for name, maker in cls._drafted.items():
            unmade = [draft for draft in drafts if isinstance(draft.get(name), Draft)]
            if unmade:
                made = maker.create_all(clerk, [draft[name] for draft in unmade])
                for draft, each in zip(unmade, made, strict=True):
                    draft[name] = each
        answers = clerk.post_all([cls.post(draft) for draft in drafts])
        return [cls._read(answer) for answer in answers]

    @classmethod
    def _build(cls, model_class: type[M], *args: Any, **kwargs: Any) -> Any:
        del model_class, args
        cls._bound(kwargs.pop("clerk"))
        return Draft(kwargs)

    @classmethod
    def _create(cls, model_class: type[M], *args: Any, **kwargs: Any) -> M:
        del model_class, args
        clerk = cls._bound(kwargs.pop("clerk"))
        post = cls.post(Draft(kwargs))
        return cls._read(clerk.call("POST", post.path, post.body))

    @classmethod
    def _read(cls, answer: Mapping[str, Any]) -> M:
        model: type[M] = cls._meta.model
        return model.from_wire(answer)

    @classmethod
    def _bound(cls, clerk: Any) -> ClerkInstance:
        if isinstance(clerk, ClerkInstance):
            return clerk
        raise ConfigurationError(
            f"{cls.__name__} does not know for which instance",
            "give it clerk=…, or take the factories of the fixture clerk_factories",
        )


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Invent the same data in the same order inside; the state from before comes back after."""
    # Faker draws from a generator of its own, which factory-boy seeds but does not look at.
    drawing = (random.randgen, generator.random)
    before = [each.getstate() for each in drawing]
    random.reseed_random(seed)
    try:
        yield
    finally:
        for each, state in zip(drawing, before, strict=True):
            each.setstate(state)
