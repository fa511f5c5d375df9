"""mosec: a stage of processes that download and decode, and a stage that infers in batches."""

import os

import httpx
import numpy as np
from capture_work import decode, judge, model_from_environment
from mosec import Server, Worker


class Load(Worker):
    def __init__(self) -> None:
        super().__init__()
        self.client = httpx.Client(timeout=60)

    def forward(self, data: dict) -> np.ndarray:
        return decode(self.client.get(data["url"]).raise_for_status().content)


class Infer(Worker):
    def __init__(self) -> None:
        super().__init__()
        self.model = model_from_environment()

    def forward(self, data: list[np.ndarray]) -> list[dict]:
        return [judge(scores) for scores in self.model.score(data)]


if __name__ == "__main__":
    server = Server()
    server.append_worker(Load, num=int(os.environ["PEER_LOADERS"]), timeout=60, route="/capture")
    server.append_worker(
        Infer,
        num=int(os.environ["PEER_INFERRERS"]),
        max_batch_size=int(os.environ["PEER_BATCH"]),
        max_wait_time=10,
        timeout=60,
        route="/capture",
    )
    server.run()
