"""What a long queue costs, in a process of its own whose memory nothing else is in."""

import json
import subprocess
import sys

MILLION = 1_000_000
GB = 10**9

# Queued and not sent: the first attempt is due in an hour of a clock that stands still.
PROGRAM = """
import asyncio, json
import psutil
from clerk_fake.events.log import Origin
from clerk_fake.identities import InstanceRequest
from clerk_fake.instances import Instances
from clerk_fake.model.endpoints import EndpointDraft, create_endpoint
from clerk_fake.tokens.keys import SharedKey
from clerk_fake.webhooks.schedule import DeliverySchedule
from clerk_fake.webhooks.sender import Sender

async def fill():
    instances = Instances(shared_key=SharedKey(), sender=Sender(), base_url="http://127.0.0.1")
    instance = instances.create(InstanceRequest())
    instance.clock.turn(frozen=True)
    instance.dispatcher.schedule = DeliverySchedule(delays_s=(3600.0,))
    draft = EndpointDraft(url="http://127.0.0.1:1/")
    create_endpoint(instance, instance.endpoints, draft, secret=instance.identity.webhook_secret)
    seen = []
    for _ in range(3):
        for number in range(30_000):
            data = {"id": f"user_{len(instance.log)}", "much": "x" * 1_400}
            event = instance.log.append("user.created", data, Origin())
        seen.append((instance.dispatcher.pending, psutil.Process().memory_info().rss))
    print(json.dumps({"length": len(event.payload), "seen": seen}))
    instances.delete(instance.id)

asyncio.run(fill())
"""


def test_a_million_queued_messages_stay_within_a_gigabyte() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, timeout=120
    )

    told = json.loads(done.stdout)
    assert told["length"] >= 1_500
    # The first of them fill what is kept in memory of all bodies; from then on each costs the same.
    (least, less), _, (most, more) = told["seen"]
    assert (least, most) == (30_000, 90_000)
    per_message = (more - less) / (most - least)
    assert more + per_message * (MILLION - most) < GB
