"""A small service that keeps Clerk's users in SQLite: one process, no queue, no framework magic.

It is here to be pointed at: ``clerk-harness validate --target examples/plain_service/target.toml``.
"""

import json
import os
import sqlite3
from typing import Any

import jwt
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from svix.webhooks import Webhook, WebhookVerificationError

SCHEMA = """
CREATE TABLE IF NOT EXISTS users (
    clerk_id TEXT PRIMARY KEY, email TEXT, first_name TEXT, last_name TEXT,
    active INTEGER NOT NULL, version INTEGER NOT NULL
)
"""
UPSERT = """
INSERT INTO users VALUES (:clerk_id, :email, :first_name, :last_name, 1, :version)
ON CONFLICT (clerk_id) DO UPDATE SET email = excluded.email, first_name = excluded.first_name,
    last_name = excluded.last_name, version = excluded.version
WHERE users.active AND excluded.version > users.version
"""
BURY = """
INSERT INTO users VALUES (:clerk_id, NULL, NULL, NULL, 0, 0)
ON CONFLICT (clerk_id) DO UPDATE SET active = 0, email = NULL
"""
UPSERTED = ("user.created", "user.updated")
FORGED = (WebhookVerificationError, ValueError)


def database() -> sqlite3.Connection:
    connection = sqlite3.connect(os.environ["USERS_DB"], isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.row_factory = sqlite3.Row
    connection.execute(SCHEMA)
    return connection


async def receive(request: Request) -> Response:
    body = await request.body()
    try:
        Webhook(os.environ["CLERK_WEBHOOK_SECRET"]).verify(body, dict(request.headers))
        event = json.loads(body)
        kind, data = event["type"], event["data"]
        changes = row(data) if kind in UPSERTED else {"clerk_id": data["id"]}
    except (*FORGED, KeyError, TypeError) as problem:
        return JSONResponse({"error": str(problem)}, status_code=400)
    with database() as connection:
        apply(connection, kind, changes)
    return Response(status_code=204)


def apply(connection: sqlite3.Connection, kind: str, changes: dict[str, Any]) -> None:
    if kind in UPSERTED:
        connection.execute(UPSERT, changes)
    elif kind == "user.deleted":
        connection.execute(BURY, changes)


def row(data: dict[str, Any]) -> dict[str, Any]:
    emails = {entry["id"]: entry["email_address"] for entry in data["email_addresses"]}
    return {
        "clerk_id": data["id"],
        "email": emails.get(data["primary_email_address_id"]),
        "first_name": data["first_name"],
        "last_name": data["last_name"],
        "version": data["updated_at"],
    }


async def me(request: Request) -> Response:
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    try:
        key, issuer = os.environ["CLERK_JWT_KEY"], os.environ["CLERK_ISSUER"]
        claims = jwt.decode(token, key, algorithms=["RS256"], issuer=issuer)
    except jwt.InvalidTokenError as problem:
        return JSONResponse({"error": str(problem)}, status_code=401)
    with database() as connection:
        found = connection.execute(
            "SELECT * FROM users WHERE clerk_id = ? AND active", (claims["sub"],)
        ).fetchone()
    if found is None:
        return JSONResponse({"error": "no such user"}, status_code=403)
    return Response(json.dumps(dict(found)), media_type="application/json")


database().close()  # makes the table, before the first request
app = Starlette(
    routes=[
        Route("/hooks/clerk", receive, methods=["POST"]),
        Route("/me", me),
    ]
)
