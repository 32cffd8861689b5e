"""A Frame Buffer publisher: python publisher.py --camera door --frames 300 --fps 30

A frame's id tells which picture it is, and picture and record are written in one step, once: what
is sent again after a broken connection, or published again by a run that was restarted with the
same --series, does nothing. REDIS_URL says where.
"""
import argparse
import logging
import os
import time
import uuid
from datetime import datetime, timezone

import redis

# KEYS: picture, input stream. ARGV: picture, how long it is kept in ms, names and values in turn.
PUBLISH = """
if not redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return false end
return redis.call('XADD', KEYS[2], '*', unpack(ARGV, 3))
"""
WIDTH, HEIGHT, KEPT_MS = 64, 36, 600_000

parser = argparse.ArgumentParser()
parser.add_argument("--camera", default="python-camera")
parser.add_argument("--frames", type=int, default=300)
parser.add_argument("--fps", type=float, default=30)
parser.add_argument("--series", default=uuid.uuid4().hex[:8], help="a former one goes on")
parser.add_argument("--capability", default="brightness")
options = parser.parse_args()
db = redis.Redis.from_url(os.environ.get("REDIS_URL", "redis://127.0.0.1:6379"))
publish = db.register_script(PUBLISH)


def picture(number):
    """A grey picture as PGM, brighter from frame to frame."""
    return b"P5 %d %d 255\n" % (WIDTH, HEIGHT) + bytes([number % 256]) * (WIDTH * HEIGHT)


for number in range(options.frames):
    frame_id, pixels = f"{options.camera}-{options.series}-{number:06}", picture(number)
    record = {
        "frame_id": frame_id,
        "camera_id": options.camera,
        "timestamp": datetime.now(timezone.utc).isoformat(),
        "format": "pgm", "width": WIDTH, "height": HEIGHT, "size_bytes": len(pixels),
        "detection_type": options.capability,
        "traceparent": f"00-{uuid.uuid4().hex}-{uuid.uuid4().hex[:16]}-00",
        "storage_backend": "redis", "storage_path": f"pixels:{frame_id}",
    }
    arguments = [pixels, KEPT_MS, *(text for field in record.items() for text in field)]
    while True:  # until it is in: sending it again is safe
        try:
            is_new = publish([record["storage_path"], "frames:metadata"], arguments)
            break
        except redis.RedisError as error:
            logging.warning("trying again: %s", error)
            time.sleep(0.5)
    if is_new:
        print(frame_id, flush=True)
        time.sleep(1 / options.fps)
