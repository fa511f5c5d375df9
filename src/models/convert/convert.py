"""SavedModel to ONNX, in one process, for TensorFlow alone takes seconds to import.

    python convert.py PLAN.json

The plan (convert-model.ts makes it) says what to read and where to write. Standard output carries JSON lines:
{"begun"} with a step, {"step", "seconds"} when it is done, {"refused"} with a sentence, and {"done"} with what was made.
"""

import json
import os
import sys
import time
import traceback

# TensorFlow and its like print; standard output is ours alone.
events = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import numpy as np  # noqa: E402

from refusal import Refusal  # noqa: E402

BATCH_ROWS = 16


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        plan = json.load(file)
    try:
        done = convert(plan)
    except Refusal as refusal:
        tell(refused=str(refusal))
        return 3
    except Exception as error:
        traceback.print_exc()
        tell(refused=f"{step.now} failed: {type(error).__name__}: {(str(error).strip() or '-').splitlines()[0]}")
        return 1
    tell(done=done)
    return 0


def convert(plan):
    with step("TensorFlow reads the SavedModel"):
        import onnx
        import onnxruntime
        import tensorflow as tf
        import tf2onnx

        import onnx_graph
        import precision
        import scoring_function

        try:
            score = scoring_function.load(plan)
        except Exception as error:
            raise Refusal(f"TensorFlow cannot load it: {onnx_graph.first_line(error)}") from error
    with step(f"ONNX, opset {plan['opset']}"):
        model = full = onnx_graph.convert(score, plan["opset"])
    pictures = pictures_of(plan, "pictures")
    if plan["precision"] == "fp16":
        with step("fp16"):
            model = precision.to_fp16(clone(full))
    elif plan["precision"] == "int8":
        calibration = pictures_of(plan, "calibration")
        with step(f"int8, calibrated on {len(calibration)} pictures"):
            model = precision.to_int8(full, calibration, plan["backend"])
    with step("check and write"):
        onnx.checker.check_model(model)
        onnx.save(model, plan["target"])
    session = open_session(onnxruntime, model)
    with step(f"scores of {len(pictures)} pictures by {plan['reference'] or 'the SavedModel'}"):
        reference = np.concatenate(list(reference_scores(onnxruntime, plan, score, pictures)))
    with step(f"scores of {len(pictures)} pictures by the converted model"):
        converted = np.concatenate([scored(session, each) for each in batches(pictures)])
    if converted.ndim != 2 or len(converted) != len(pictures):
        raise Refusal(f"it gives scores of shape {list(converted.shape)} for {len(pictures)} pictures")
    reference.astype("<f4").tofile(plan["referenceScores"])
    converted.astype("<f4").tofile(plan["convertedScores"])
    return {
        "classes": converted.shape[1],
        "operators": sorted({node.op_type for node in model.graph.node}),
        "tools": {
            "python": sys.version.split()[0],
            "tensorflow": tf.__version__,
            "tf2onnx": tf2onnx.__version__,
            "onnx": onnx.__version__,
            "onnxruntime": onnxruntime.__version__,
        },
    }


class step:
    """Tells what is begun, and, when it is done, how long it took."""

    now = "the start"

    def __init__(self, name):
        self.name = name

    def __enter__(self):
        step.now = self.name
        tell(begun=self.name)
        self.since = time.monotonic()

    def __exit__(self, kind, *_):
        if kind is None:
            tell(step=self.name, seconds=round(time.monotonic() - self.since, 1))


def clone(model):
    copy = type(model)()
    copy.CopyFrom(model)
    return copy


def pictures_of(plan, name):
    image = plan["signature"]["input"]
    return np.fromfile(plan[name], np.uint8).reshape(-1, image["height"], image["width"], 3)


def batches(pictures):
    return (pictures[at : at + BATCH_ROWS] for at in range(0, len(pictures), BATCH_ROWS))


def reference_scores(onnxruntime, plan, score, pictures):
    """By the SavedModel itself, or by a model that is converted already."""
    if not plan["reference"]:
        return (score(rows).numpy() for rows in batches(pictures))
    session = onnxruntime.InferenceSession(plan["reference"], providers=["CPUExecutionProvider"])
    [image], [output] = session.get_inputs(), session.get_outputs()
    if image.type != "tensor(uint8)" or image.shape[1:] != list(pictures.shape[1:]):
        raise Refusal(f"the reference {plan['reference']} takes {image.type} {image.shape}, not uint8 pictures of its size")
    return (session.run([output.name], {image.name: rows})[0] for rows in batches(pictures))


def open_session(onnxruntime, model):
    from onnx_graph import first_line

    try:
        return onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    except Exception as error:
        raise Refusal(f"ONNX Runtime cannot load the converted model: {first_line(error)}") from error


def scored(session, rows):
    try:
        [scores] = session.run(["scores"], {"images": rows})
    except Exception as error:
        raise Refusal(
            f"its graph fails on a batch of {len(rows)}; is another batch size fixed inside? {str(error)[:300]}"
        ) from error
    if len(scores) != len(rows):
        raise Refusal(f"its batch size is fixed inside: {len(rows)} pictures give {len(scores)} rows of scores")
    return scores


def tell(**event):
    events.write(json.dumps(event) + "\n")


if __name__ == "__main__":
    sys.exit(main())
