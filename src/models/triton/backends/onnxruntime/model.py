"""Triton's `onnxruntime` backend in Python, for servers that come without the one in C++.

Serves the same model repositories: VERSION/model.onnx beside a config.pbtxt. On a CPU a large batch makes most image
models slower (activations leave the cache), so a batch is cut into runs of a few rows on single-threaded calls, as
many at a time as there are cores.
"""

import json
import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import onnxruntime
import triton_python_backend_utils as pb_utils

ROWS_PER_RUN = 4


class TritonPythonModel:
    def initialize(self, args):
        config = json.loads(args["model_config"])
        name = config.get("default_model_filename") or ""
        if not name.endswith(".onnx"):
            name = "model.onnx"  # A repository for the `python` backend has this program in it, and names it here.
        path = os.path.join(args["model_repository"], args["model_version"], name)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = int(parameter(config, "intra_op_thread_count", "1"))
        self.session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        self.inputs = [each["name"] for each in config["input"]]
        self.outputs = [each["name"] for each in config["output"]]
        self.batched = config.get("max_batch_size", 0) > 0
        self.threads = ThreadPoolExecutor(os.cpu_count() or 1)

    def execute(self, requests):
        tensors = [
            {name: pb_utils.get_input_tensor_by_name(request, name).as_numpy() for name in self.inputs}
            for request in requests
        ]
        if not self.batched:
            return [self.response(self.run(each)) for each in tensors]
        counts = [len(each[self.inputs[0]]) for each in tensors]
        try:
            rows = self.run_rows({name: joined([each[name] for each in tensors]) for name in self.inputs})
        except Exception as error:  # Whatever ONNX Runtime finds wrong is the answer to each of them.
            failure = pb_utils.InferenceResponse(error=pb_utils.TritonError(str(error)))
            return [failure for _ in requests]
        ends = np.cumsum(counts)
        return [self.response([each[end - count : end] for each in rows]) for count, end in zip(counts, ends)]

    def run_rows(self, feed):
        total = len(feed[self.inputs[0]])
        parts = [
            {name: values[start : start + ROWS_PER_RUN] for name, values in feed.items()}
            for start in range(0, total, ROWS_PER_RUN)
        ]
        results = list(self.threads.map(self.run, parts))
        return [np.concatenate(columns) for columns in zip(*results)]

    def run(self, feed):
        return self.session.run(self.outputs, feed)

    def response(self, values):
        tensors = [pb_utils.Tensor(name, np.ascontiguousarray(each)) for name, each in zip(self.outputs, values)]
        return pb_utils.InferenceResponse(output_tensors=tensors)

    def finalize(self):
        self.threads.shutdown()


def joined(arrays):
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)


def parameter(config, name, default):
    return config.get("parameters", {}).get(name, {}).get("string_value", default)
