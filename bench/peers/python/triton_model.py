"""The stand-in for a GPU as a model of Triton's Python backend; gpu_standin.py lies beside it."""

import json

import numpy as np
import triton_python_backend_utils as pb_utils
from gpu_standin import GpuStandin


class TritonPythonModel:
    def initialize(self, args):
        config = json.loads(args["model_config"])
        parameters = {name: value["string_value"] for name, value in config["parameters"].items()}
        self.gpu = GpuStandin(
            float(parameters["base_ms"]), float(parameters["per_picture_ms"]), parameters["timeline"]
        )
        self.scores = np.array([label == "Neutral" for label in parameters["labels"].split(",")], np.float32)

    def execute(self, requests):
        counts = [len(pb_utils.get_input_tensor_by_name(request, "images").as_numpy()) for request in requests]
        self.gpu.run(sum(counts))
        return [self.response(count) for count in counts]

    def response(self, count):
        return pb_utils.InferenceResponse([pb_utils.Tensor("scores", np.tile(self.scores, (count, 1)))])
