"""The ceiling: a bare Starlette route that reads the body of a webhook and answers 204.

``python bare_webhook.py PORT``; served as the API of ``clerk_sync`` is.
"""

import sys

import uvicorn
from load import LOOPBACK
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


async def receive(request: Request) -> Response:
    """Read it, and forget it."""
    await request.body()
    return Response(status_code=204)


if __name__ == "__main__":
    uvicorn.run(
        Starlette(routes=[Route("/webhooks/clerk", receive, methods=["POST"])]),
        host=LOOPBACK,
        port=int(sys.argv[1]),
        log_config=None,
        access_log=False,
        server_header=False,
    )
