"""What every Frame Buffer processor does besides its work: copy this file and call run().

REDIS_URL, ORCHESTRATOR_URL, PROCESSOR_ID, API_TOKEN and LEASE_MS come from the environment.
There is one thread, with heartbeats between frames: a frame may take half of the lease, and a
processor that hangs is noticed when its lease ends. docs/protocol.md explains every step.
"""
import contextlib
import json
import logging
import os
import signal
import time
import urllib.request
from datetime import datetime, timezone

import redis

API = os.environ.get("ORCHESTRATOR_URL", "http://127.0.0.1:8002") + "/api/v1/processors"
HEADERS = {"Authorization": "Bearer " + os.environ.get("API_TOKEN", "")}
REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379")
LEASE_MS = int(os.environ.get("LEASE_MS", "60000"))
ID, RUN = os.environ.get("PROCESSOR_ID", "python-1"), os.urandom(8).hex()
COPIED = ("frame_id", "camera_id", "capability", "attempt", "traceparent", "errors")
db = redis.Redis.from_url(REDIS_URL, decode_responses=True, encoding_errors="replace")


def run(process, **wishes):
    """Hands frames to process() until SIGTERM or Ctrl-C; wishes are fields of the registration."""
    wishes.update(id=ID, instance_id=RUN, completion="delete", lease_ms=LEASE_MS)
    own, position, beat_due, leaving = None, "0", 0, []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: leaving.append(number))
    while not leaving:
        try:
            own = own or ask("POST", "/register", wishes)
            if time.monotonic() > beat_due:
                beat_due = time.monotonic() + LEASE_MS / 5000
                ask("POST", "/heartbeat", {"processor_id": ID, "instance_id": RUN})
            # "0": what this run was given and hasn't finished; ">": what is new.
            reply = db.xreadgroup(own["group"], RUN, {own["queue"]: position}, count=1, block=1000)
            entries = reply[0][1] if reply else []
            for entry_id, frame in entries:
                finish(own["scripts"], entry_id, frame, process)
            position = position if entries else ">"
        except Exception as error:  # an outage; nothing must end the heartbeats
            status = getattr(error, "code", None)
            logging.warning("%s: %s", ID, error.read().decode() if status else error)
            if status == 409 and own:  # another run has taken this id over
                return
            own, position = None if status else own, "0"  # 404: declared dead, or forgotten
            time.sleep(0.5)
    with contextlib.suppress(OSError):  # what is left goes to others all the same, only later
        ask("DELETE", f"/{ID}?instance_id={RUN}")


def ask(method, path, body=None):
    """Sends a request to the orchestrator; returns what it answers, raises what it refuses."""
    request = urllib.request.Request(API + path, json.dumps(body).encode(), HEADERS, method=method)
    with urllib.request.urlopen(request, timeout=5) as answer:
        return json.load(answer)


def finish(scripts, entry_id, frame, process):
    """Publishes the result, or gives the frame back; neither where it was taken back meanwhile."""
    started = time.monotonic()
    try:
        result = process(frame) | {name: frame[name] for name in COPIED if name in frame}
        result |= {"processor_id": ID, "captured_at": frame.get("timestamp", "")}
        result |= {"timestamp": now(), "processing_time": f"{time.monotonic() - started:.6f}"}
        flat = [str(text) for field in result.items() for text in field]
        name, outcome = "complete", {"completions": [[entry_id, flat]]}
    except Exception as error:
        failure = {"processor_id": ID, "error": repr(error), "at": now()}
        name, outcome = "give-back", {"id": entry_id, "failure": failure}
    request = json.dumps(scripts[name]["request"] | outcome, ensure_ascii=False)
    db.register_script(scripts[name]["source"])(scripts[name]["keys"], [request])


def now():
    return datetime.now(timezone.utc).isoformat()
