"""What every Frame Buffer processor does besides its work: copy this file and call run().

REDIS_URL, ORCHESTRATOR_URL, PROCESSOR_ID, API_TOKEN and LEASE_MS come from the environment.
docs/protocol.md explains every step.
"""
import json
import logging
import os
import signal
import threading
import urllib.error
import urllib.request
from datetime import datetime, timezone

import redis

API = os.environ.get("ORCHESTRATOR_URL", "http://127.0.0.1:8002") + "/api/v1"
HEADERS = {"Authorization": "Bearer " + os.environ.get("API_TOKEN", "")}
REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379")
LEASE_MS = int(os.environ.get("LEASE_MS", "30000"))
ID, RUN = os.environ.get("PROCESSOR_ID", "python-1"), os.urandom(8).hex()
COPIED = ("frame_id", "camera_id", "capability", "attempt", "traceparent", "errors")

db = redis.Redis.from_url(REDIS_URL, decode_responses=True, encoding_errors="replace")
registered, stop, drained = threading.Event(), threading.Event(), threading.Event()
registration = {}  # as the orchestrator has kept it, with all that is needed to read and to finish


def run(process, **wishes):
    """Hands frames to process() until SIGTERM or Ctrl-C; wishes are fields of the registration."""
    wishes.update(id=ID, instance_id=RUN, completion="delete", lease_ms=LEASE_MS)
    membership = threading.Thread(target=stay_registered, args=[wishes], daemon=True)
    membership.start()
    registered.wait()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    position = "0"  # what this run was given and hasn't finished; then ">", what is new
    while not stop.is_set():
        try:
            queue, count = {registration["queue"]: position}, registration["capacity"]
            reply = db.xreadgroup(registration["group"], RUN, queue, count=count, block=1000)
            entries = reply[0][1] if reply else []
            for entry_id, frame in entries:
                finish(entry_id, frame, process)
            position = position if entries else ">"
        except redis.RedisError as error:  # NOGROUP: declared dead, the next heartbeat will tell
            logging.warning("%s: %s", ID, error)
            position = "0"
            stop.wait(0.5)
    drained.set()
    membership.join()


def stay_registered(wishes):
    """Registers, sends heartbeats, and at the end leaves; after any trouble it begins again."""
    while not drained.is_set():
        try:
            registration.update(ask("POST", "/processors/register", wishes))
            registered.set()
            while not drained.wait(LEASE_MS / 10_000):
                ask("POST", "/processors/heartbeat", {"processor_id": ID, "instance_id": RUN})
            ask("DELETE", f"/processors/{ID}")
        except urllib.error.HTTPError as refusal:  # 404: declared dead, or Redis lost the registry
            logging.warning("%s: %s", refusal, refusal.read().decode())
            if refusal.code == 409 and registered.is_set():  # another run has taken this id over
                return stop.set()
        except Exception as error:  # the orchestrator is away: nothing must end the heartbeats
            logging.warning("%s: %s", API, error)
        drained.wait(0.5)


def ask(method, path, body=None):
    """Sends a request to the orchestrator; returns what it answers, raises what it refuses."""
    request = urllib.request.Request(API + path, json.dumps(body).encode(), HEADERS, method=method)
    with urllib.request.urlopen(request, timeout=5) as answer:
        return json.load(answer)


def finish(entry_id, frame, process):
    """Publishes the result, or gives the frame back; neither where it was taken back meanwhile."""
    started = datetime.now(timezone.utc)
    try:
        result = process(frame)
    except Exception as error:
        failure = {"processor_id": ID, "error": repr(error), "at": started.isoformat()}
        return run_script("give-back", id=entry_id, failure=failure)
    finished = datetime.now(timezone.utc)
    result.update({name: frame[name] for name in COPIED if name in frame})
    result.update(processor_id=ID, timestamp=finished.isoformat())
    result.update(captured_at=frame.get("timestamp", ""))
    result.update(processing_time=f"{(finished - started).total_seconds():.6f}")
    flat = [str(text) for field in result.items() for text in field]
    return run_script("complete", completions=[[entry_id, flat]])


def run_script(name, **about_frame):
    """Runs a script that came with the registration, as did its keys and most of its request."""
    script = registration["scripts"][name]
    request = json.dumps({**script["request"], **about_frame}, ensure_ascii=False)
    return db.register_script(script["source"])(script["keys"], [request])
