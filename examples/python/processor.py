"""A Frame Buffer processor on redis-py and the standard library. docs/protocol.md explains every step.

REDIS_URL, ORCHESTRATOR_URL, PROCESSOR_ID, API_TOKEN and LEASE_MS come from the environment; SIGTERM lets it leave in order.
"""
import datetime, json, os, signal, sys, threading, time, urllib.error, urllib.request, uuid
import redis

API = os.environ.get("ORCHESTRATOR_URL", "http://127.0.0.1:8002") + "/api/v1"
HEADERS = {"Content-Type": "application/json", "Authorization": "Bearer " + os.environ.get("API_TOKEN", "")}
REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379")
ID, RUN = os.environ.get("PROCESSOR_ID", "python-1"), str(uuid.uuid4())
LEASE_MS, CAPACITY = int(os.environ.get("LEASE_MS", "30000")), 8
db, pictures = redis.Redis.from_url(REDIS_URL, decode_responses=True, encoding_errors="replace"), redis.Redis.from_url(REDIS_URL)
stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())


def process(frame):
    """The work: the mean brightness of a PGM picture. Its fields become the result; what it raises is tried again elsewhere."""
    pixels = pictures.get(frame["storage_path"])[-int(frame["width"]) * int(frame["height"]):]
    return {"mean_brightness": sum(pixels) / len(pixels)}


def ask(method, path, body=None, again=()):
    """Status and answer of the orchestrator. Asks again where the status is one of those, and while it can't be reached."""
    request = urllib.request.Request(API + path, body and json.dumps(body).encode(), HEADERS, method=method)
    while True:
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refusal:
            if refusal.code not in again:
                return refusal.code, refusal.read().decode()
        except OSError as error:
            print(f"{API}: {error}", file=sys.stderr)
        if stop.wait(0.5):
            sys.exit()


def register():
    body = {"id": ID, "instance_id": RUN, "capabilities": ["brightness"], "capacity": CAPACITY, "completion": "delete", "lease_ms": LEASE_MS}
    status, answer = ask("POST", "/processors/register", body, again=[409])  # 409: a former run is still taken for alive
    return [json.loads(answer)[name] for name in ("queue", "group", "results")] if status == 201 else sys.exit(answer)


def send_heartbeats():
    while not stop.wait(LEASE_MS / 3000):
        status, _ = ask("POST", "/processors/heartbeat", {"processor_id": ID, "instance_id": RUN})
        if status == 404:  # declared dead, or Redis lost the registry
            register()
        elif status == 409:  # another run has taken this id over
            stop.set()


def finish(entry_id, frame):
    """Publishes the result, or gives the frame back, in one step that does nothing if the frame was taken back meanwhile."""
    started = time.monotonic()
    try:
        result = process(frame)
    except Exception as error:
        failure = {"processor_id": ID, "error": repr(error), "at": now(), "terminal": False}
        return give_back(["frames:ledger", queue, "frames:retry"], [json.dumps({"group": group, "id": entry_id, "failure": failure})])
    result.update({name: frame[name] for name in ("frame_id", "camera_id", "capability", "attempt", "traceparent") if name in frame})
    result.update(processor_id=ID, timestamp=now(), captured_at=frame.get("timestamp", ""), processing_time=time.monotonic() - started)
    completion = [entry_id, [str(text) for field in result.items() for text in field]]
    request = {"group": group, "capacity": CAPACITY, "events": "frames:events", "processor_id": ID, "completions": [completion]}
    return complete(["frames:ledger", queue, results], [json.dumps(request)])


def now():
    return datetime.datetime.now(datetime.timezone.utc).isoformat()


queue, group, results = register()
complete, give_back = (db.register_script(ask("GET", "/scripts/" + name)[1]) for name in ("complete", "give-back"))
threading.Thread(target=send_heartbeats, daemon=True).start()
after = "0"  # first, and after every trouble, what was delivered to this run and not finished; then what is new
while not stop.is_set():
    try:
        [(_, entries)] = db.xreadgroup(group, RUN, {queue: after}, count=CAPACITY, block=1000) or [(queue, [])]
        for entry_id, frame in entries:
            finish(entry_id, frame)
        after = after if entries else ">"
    except redis.RedisError as error:
        print(f"{ID}: {error}", file=sys.stderr)
        after = "0"
        if "NOGROUP" in str(error):  # the queue is gone: this run was declared dead and everything in it went to others
            register()
        stop.wait(0.5)
ask("DELETE", "/processors/" + ID)  # what is still in the queue goes to others
