"""A TensorFlow SavedModel on Triton's Python backend, for load tests against what was made of it.

Lies in the version's folder with plan.json, which says where the SavedModel is and how it is to be called, and with
scoring_function.py, by which it was converted: both take the same bytes and give the same scores.
"""

import json
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import numpy as np  # noqa: E402
import triton_python_backend_utils as pb_utils  # noqa: E402


class TritonPythonModel:
    def initialize(self, args):
        # TensorFlow takes seconds to import; here, Triton waits for them.
        import scoring_function

        config = json.loads(args["model_config"])
        [self.input], [self.output] = ([each["name"] for each in config[side]] for side in ("input", "output"))
        with open(os.path.join(args["model_repository"], args["model_version"], "plan.json"), encoding="utf-8") as file:
            self.score = scoring_function.load(json.load(file))

    def execute(self, requests):
        tensors = [pb_utils.get_input_tensor_by_name(request, self.input).as_numpy() for request in requests]
        counts = [len(each) for each in tensors]
        try:
            scores = self.score(np.concatenate(tensors)).numpy()
        except Exception as error:  # Whatever TensorFlow finds wrong is the answer to each of them.
            failure = pb_utils.InferenceResponse(error=pb_utils.TritonError(str(error)))
            return [failure for _ in requests]
        ends = np.cumsum(counts)
        return [self.response(scores[end - count : end]) for count, end in zip(counts, ends)]

    def response(self, scores):
        return pb_utils.InferenceResponse(output_tensors=[pb_utils.Tensor(self.output, np.ascontiguousarray(scores))])
