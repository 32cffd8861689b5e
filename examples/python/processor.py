"""A Frame Buffer processor on redis-py and the standard library. docs/protocol.md explains every step.

REDIS_URL, ORCHESTRATOR_URL, PROCESSOR_ID, API_TOKEN and LEASE_MS come from the environment; SIGTERM lets it leave in order.
"""
import datetime, json, os, signal, sys, threading, time, urllib.error, urllib.request, uuid
import redis

ORCHESTRATOR = os.environ.get("ORCHESTRATOR_URL", "http://127.0.0.1:8002") + "/api/v1"
REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379")
ID, RUN = os.environ.get("PROCESSOR_ID", "python-1"), str(uuid.uuid4())
LEASE_MS, CAPACITY = int(os.environ.get("LEASE_MS", "30000")), 8
db, pictures = redis.Redis.from_url(REDIS_URL, decode_responses=True, encoding_errors="replace"), redis.Redis.from_url(REDIS_URL)
stop = threading.Event()


def process(frame):
    """The work: the mean brightness of a PGM picture. Its fields become the result; what it raises is tried again elsewhere."""
    pixels = pictures.get(frame["storage_path"])[-int(frame["width"]) * int(frame["height"]):]
    return {"mean_brightness": sum(pixels) / len(pixels)}


def call(method, path, body=None):
    """Status and answer of the orchestrator; status 0 where it can't be reached."""
    headers = {"Content-Type": "application/json", "Authorization": "Bearer " + os.environ.get("API_TOKEN", "")}
    data = None if body is None else json.dumps(body).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(ORCHESTRATOR + path, data, headers, method=method), timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError as error:
        return 0, str(error)


def register():
    """Tries until it is in: 409 while a former run is still taken for alive, 0 while the orchestrator is away."""
    body = {"id": ID, "instance_id": RUN, "capabilities": ["brightness"], "capacity": CAPACITY, "completion": "delete", "lease_ms": LEASE_MS}
    while not stop.is_set():
        status, answer = call("POST", "/processors/register", body)
        if status == 201:
            return json.loads(answer)
        if status in (400, 401, 422):
            sys.exit(answer)
        stop.wait(0.5)
    sys.exit(0)


def script(name):
    """A script as this orchestrator publishes it, so that both always speak of the same thing."""
    while True:
        status, source = call("GET", "/scripts/" + name)
        if status == 200:
            return db.register_script(source)
        stop.wait(0.5)


def send_heartbeats():
    while not stop.wait(LEASE_MS / 3000):
        status, _ = call("POST", "/processors/heartbeat", {"processor_id": ID, "instance_id": RUN, "status": "healthy"})
        if status == 404:  # declared dead, or Redis lost the registry
            register()
        if status == 409:  # another run has taken this id over
            stop.set()


def finish(frame, entry_id, queue, group, results):
    """Publishes the result, or gives the frame back, in one step that does nothing if the frame was taken back meanwhile."""
    started = time.monotonic()
    try:
        result = process(frame)
    except Exception as error:
        failure = {"processor_id": ID, "error": repr(error), "at": now(), "terminal": False}
        return give_back(["frames:ledger", queue, "frames:retry"], [json.dumps({"group": group, "id": entry_id, "failure": failure})])
    result.update({name: frame[name] for name in ("frame_id", "camera_id", "capability", "attempt", "traceparent") if name in frame})
    result.update(processor_id=ID, timestamp=now(), captured_at=frame.get("timestamp", ""), processing_time=time.monotonic() - started)
    flat = [str(text) for field in result.items() for text in field]
    request = {"group": group, "capacity": CAPACITY, "events": "frames:events", "processor_id": ID, "completions": [[entry_id, flat]]}
    return complete(["frames:ledger", queue, results], [json.dumps(request)])


def now():
    return datetime.datetime.now(datetime.timezone.utc).isoformat()


for signal_name in (signal.SIGTERM, signal.SIGINT):
    signal.signal(signal_name, lambda *_: stop.set())
member = register()
complete, give_back = script("complete"), script("give-back")
threading.Thread(target=send_heartbeats, daemon=True).start()
after = "0"  # first, and after every trouble, what was delivered to this run and not finished; then what is new
while not stop.is_set():
    try:
        for _, entries in db.xreadgroup(member["group"], RUN, {member["queue"]: after}, count=CAPACITY, block=1000) or [(None, [])]:
            for entry_id, frame in entries:
                if not stop.is_set():
                    finish(frame, entry_id, member["queue"], member["group"], member["results"])
            if not entries:
                after = ">"
    except redis.RedisError as error:
        print(f"{ID}: {error}", file=sys.stderr)
        after = "0"
        stop.wait(0.5)
        if "NOGROUP" in str(error):  # the queue is gone: this run was declared dead and everything in it went to others
            register()
call("DELETE", "/processors/" + ID)  # what is still in the queue goes to others
