"""LitServe: workers that take batches; a batch's pictures are downloaded and decoded side by side."""

import os
from concurrent.futures import ThreadPoolExecutor

import httpx
import litserve
from capture_work import decode, judge, model_from_environment


class CaptureApi(litserve.LitAPI):
    def setup(self, device: str) -> None:
        self.model = model_from_environment()
        self.client = httpx.Client(timeout=60)
        self.threads = ThreadPoolExecutor(8)

    def decode_request(self, request: dict) -> str:
        return request["url"]

    def batch(self, inputs: list[str]) -> list[str]:
        return inputs

    def predict(self, urls: list[str]) -> list[dict]:
        pictures = list(self.threads.map(self.load, urls))
        return [judge(scores) for scores in self.model.score(pictures)]

    def unbatch(self, output: list[dict]) -> list[dict]:
        return output

    def encode_response(self, output: dict) -> dict:
        return output

    def load(self, url: str):
        return decode(self.client.get(url).raise_for_status().content)


if __name__ == "__main__":
    api = CaptureApi(max_batch_size=int(os.environ["PEER_BATCH"]), batch_timeout=0.01, api_path="/capture")
    workers = int(os.environ["PEER_WORKERS"])
    server = litserve.LitServer(api, accelerator="cpu", devices=1, workers_per_device=workers, timeout=60)
    server.run(
        host="127.0.0.1",
        port=int(os.environ["PEER_PORT"]),
        num_api_servers=1,
        log_level="warning",
        generate_client_file=False,
    )
