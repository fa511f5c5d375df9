"""A GPU that is not there: a batch of n pictures takes a + b * n milliseconds, one batch after the other.

All processes share its timeline, a file of four doubles: until when it is taken, for how many milliseconds it worked,
in how many batches, on how many pictures. Who waits sleeps, and uses no CPU.
"""

import fcntl
import mmap
import os
import struct
import threading
import time

LAYOUT = "dddd"


class GpuStandin:
    def __init__(self, base_ms: float, per_picture_ms: float, timeline: str) -> None:
        self.base_ms = base_ms
        self.per_picture_ms = per_picture_ms
        self.file = os.open(timeline, os.O_RDWR)
        self.timeline = mmap.mmap(self.file, struct.calcsize(LAYOUT))
        self.threads = threading.Lock()

    def run(self, pictures: int) -> None:
        """Returns when a batch of so many pictures is done that was handed over now."""
        takes_ms = self.base_ms + self.per_picture_ms * pictures
        with self.threads:
            fcntl.flock(self.file, fcntl.LOCK_EX)
            try:
                free_at, busy_ms, batches, total = struct.unpack(LAYOUT, self.timeline[:])
                done_at = max(free_at, time.monotonic()) + takes_ms / 1000
                self.timeline[:] = struct.pack(LAYOUT, done_at, busy_ms + takes_ms, batches + 1, total + pictures)
            finally:
                fcntl.flock(self.file, fcntl.LOCK_UN)
        time.sleep(max(0.0, done_at - time.monotonic()))
