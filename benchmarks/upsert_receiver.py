"""What people usually write: verify, then upsert the user in the handler, in a session of its own.

``python upsert_receiver.py PORT`` with ``DATABASE_URL`` and ``CLERK_WEBHOOK_SIGNING_SECRET``. It is
not crippled: an asynchronous driver, a pool, one statement and one commit a webhook, the server and
the options of ``clerk_sync``. It keeps no inbox, so that it knows no duplicates, no order and no
retries of its own; only its speed is compared.
"""

import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import uvicorn
from fastapi import Depends, FastAPI, HTTPException, Request, Response
from load import LOOPBACK
from sqlalchemy import JSON, BigInteger
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from svix.webhooks import Webhook, WebhookVerificationError

engine = create_async_engine(
    os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+asyncpg://"),
    pool_size=20,
    max_overflow=20,
)
sessions = async_sessionmaker(engine, expire_on_commit=False)
webhook = Webhook(os.environ["CLERK_WEBHOOK_SIGNING_SECRET"])


class Base(DeclarativeBase):
    """The tables."""


class User(Base):
    """A user of Clerk."""

    __tablename__ = "users"

    clerk_id: Mapped[str] = mapped_column(primary_key=True)
    email: Mapped[str | None] = mapped_column(index=True)
    first_name: Mapped[str | None]
    last_name: Mapped[str | None]
    username: Mapped[str | None]
    image_url: Mapped[str | None]
    public_metadata: Mapped[dict[str, Any]] = mapped_column(JSON)
    updated_at: Mapped[int] = mapped_column(BigInteger)


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    """Make the table."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield
    await engine.dispose()


async def open_session() -> AsyncIterator[AsyncSession]:
    """Give each request a session."""
    async with sessions() as session:
        yield session


app = FastAPI(lifespan=lifespan)


@app.post("/webhooks/clerk", status_code=204)
async def receive(
    request: Request, session: Annotated[AsyncSession, Depends(open_session)]
) -> Response:
    """Verify one webhook and write its user."""
    body = await request.body()
    try:
        webhook.verify(body, dict(request.headers))
    except WebhookVerificationError as refused:
        raise HTTPException(400, "the signature is wrong") from refused
    event = json.loads(body)
    if event["type"] in {"user.created", "user.updated"}:
        values = _columns(event["data"])
        statement = insert(User).values(values)
        await session.execute(
            statement.on_conflict_do_update(index_elements=[User.clerk_id], set_=values)
        )
        await session.commit()
    return Response(status_code=204)


def _columns(user: dict[str, Any]) -> dict[str, Any]:
    primary = user["primary_email_address_id"]
    addresses = {one["id"]: one["email_address"] for one in user["email_addresses"]}
    same = ("first_name", "last_name", "username", "image_url", "public_metadata", "updated_at")
    return {
        "clerk_id": user["id"],
        "email": addresses.get(primary),
        **{name: user[name] for name in same},
    }


if __name__ == "__main__":
    uvicorn.run(
        app,
        host=LOOPBACK,
        port=int(sys.argv[1]),
        log_config=None,
        access_log=False,
        server_header=False,
    )
