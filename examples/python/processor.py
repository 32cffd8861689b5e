"""A Frame Buffer processor: the mean brightness of PGM pictures. frame_buffer.py does the rest."""
import redis

import frame_buffer

pictures = redis.Redis.from_url(frame_buffer.REDIS_URL)


def mean_brightness(frame):
    """What it returns becomes the result; a frame for which it raises is tried again elsewhere."""
    pixels = pictures.get(frame["storage_path"])[-int(frame["width"]) * int(frame["height"]):]
    return {"mean_brightness": sum(pixels) / len(pixels)}


frame_buffer.run(mean_brightness, capabilities=["brightness"], capacity=8)
