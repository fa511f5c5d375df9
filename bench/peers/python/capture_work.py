"""What every peer does with a capture. When, and with how many at a time, is each peer's own."""

import io
import json
import os
from typing import Protocol

import numpy as np
from gpu_standin import GpuStandin
from PIL import Image

SIZE = (224, 224)

Scores = dict[str, float]


class Model(Protocol):
    def score(self, pictures: list[np.ndarray]) -> list[Scores]: ...


def decode(jpeg: bytes) -> np.ndarray:
    """A picture as the model takes it, uint8 [224, 224, 3], stretched; JPEGs are decoded at a fraction of their size."""
    image = Image.open(io.BytesIO(jpeg))
    image.draft("RGB", SIZE)
    return np.asarray(image.convert("RGB").resize(SIZE, Image.Resampling.BICUBIC))


def model_from_environment() -> Model:
    """The real model (PEER_MODEL: its ONNX file), or the stand-in for a GPU (PEER_GPU)."""
    labels = os.environ["PEER_LABELS"].split(",")
    gpu = os.environ.get("PEER_GPU")
    return ModelOnGpu(json.loads(gpu), labels) if gpu else OnnxModel(os.environ["PEER_MODEL"], labels)


class OnnxModel:
    """One thread a call: on few cores, calls side by side do more than calls of several threads."""

    def __init__(self, path: str, labels: list[str]) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        self.input = self.session.get_inputs()[0].name
        self.labels = labels

    def score(self, pictures: list[np.ndarray]) -> list[Scores]:
        """Picture by picture: on a CPU a batch of this model is slower, since its activations leave the cache."""
        rows = [self.session.run(None, {self.input: picture[np.newaxis]})[0][0] for picture in pictures]
        return [dict(zip(self.labels, map(float, row), strict=True)) for row in rows]


class ModelOnGpu:
    """Scores nothing, in the time that a GPU would take for it. `gpu`: baseMs, perPictureMs and timeline."""

    def __init__(self, gpu: dict, labels: list[str]) -> None:
        self.gpu = GpuStandin(gpu["baseMs"], gpu["perPictureMs"], gpu["timeline"])
        self.scores = {label: float(label == "Neutral") for label in labels}

    def score(self, pictures: list[np.ndarray]) -> list[Scores]:
        self.gpu.run(len(pictures))
        return [self.scores for _ in pictures]


THRESHOLDS: list[dict] = json.loads(os.environ.get("PEER_POLICY", "[]"))


def judge(scores: Scores) -> dict:
    """The verdict by the single-frame thresholds of the policy."""
    findings = [each["category"] for each in THRESHOLDS if scores[each["label"]] >= each["threshold"]]
    return {"verdict": "flagged" if findings else "clean", "findings": findings, "scores": scores}
