"""The stand-in for a GPU as a model of Triton: a batch of n pictures takes a + b * n milliseconds, and no CPU."""

import json
import time

import numpy as np
import triton_python_backend_utils as pb_utils


class TritonPythonModel:
    def initialize(self, args):
        config = json.loads(args["model_config"])
        parameters = {name: value["string_value"] for name, value in config["parameters"].items()}
        self.base_s = float(parameters["base_ms"]) / 1000
        self.per_picture_s = float(parameters["per_picture_ms"]) / 1000
        self.scores = np.array([label == "Neutral" for label in parameters["labels"].split(",")], np.float32)
        self.free_at = 0.0

    def execute(self, requests):
        counts = [len(pb_utils.get_input_tensor_by_name(request, "images").as_numpy()) for request in requests]
        self.free_at = max(self.free_at, time.monotonic()) + self.base_s + self.per_picture_s * sum(counts)
        time.sleep(max(0.0, self.free_at - time.monotonic()))
        return [self.response(count) for count in counts]

    def response(self, count):
        return pb_utils.InferenceResponse([pb_utils.Tensor("scores", np.tile(self.scores, (count, 1)))])
