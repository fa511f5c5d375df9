"""The same graph in fewer bits. Input (uint8) and output (float32) stay as they are."""

import os
import tempfile

import onnx
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process
from onnxruntime.transformers.float16 import DEFAULT_OP_BLOCK_LIST, convert_float_to_float16

from onnx_graph import INPUT

# In few bits these would round the scores themselves.
LAST = ["Softmax", "Sigmoid", "LogSoftmax"]
# What is computed in integers. Everything else goes through float32.
QUANTISED = ["Conv", "MatMul", "Gemm", "Add", "AveragePool", "GlobalAveragePool", "MaxPool", "Concat", "Relu", "Clip"]
WEIGHTED = {"Conv", "MatMul", "Gemm"}
CALIBRATION_ROWS = 16


def to_fp16(model):
    half = convert_float_to_float16(model, keep_io_types=True, op_block_list=[*DEFAULT_OP_BLOCK_LIST, *LAST])
    sort_nodes(half.graph)
    return half


def sort_nodes(graph):
    """In the order in which they can run, as ONNX demands; the conversion puts its casts at the end."""
    made = {value.name for value in graph.input} | {value.name for value in graph.initializer} | {""}
    waiting, ordered = list(graph.node), []
    while waiting:
        ready = [node for node in waiting if made.issuperset(node.input)]
        if not ready:
            raise ValueError("the fp16 graph has a loop")
        ordered += ready
        made.update(name for node in ready for name in node.output)
        waiting = [node for node in waiting if not made.issuperset(node.output)]
    del graph.node[:]
    graph.node.extend(ordered)


def to_int8(model, pictures, backend):
    """Static quantisation: ranges of activations are those seen on `pictures`, uint8 [n, height, width, 3]."""
    tensorrt = backend == "tensorrt"
    with tempfile.TemporaryDirectory() as folder:
        whole, prepared, quantised = (os.path.join(folder, name) for name in ("fp32", "prepared", "int8"))
        onnx.save(model, whole)
        quant_pre_process(whole, prepared, skip_symbolic_shape=True)
        quantize_static(
            prepared,
            quantised,
            Pictures(pictures),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=QUANTISED,
            nodes_to_exclude=exact_nodes(onnx.load(prepared)),
            per_channel=True,
            # TensorRT takes symmetric integers only. On x86 without VNNI, u8 x s8 products overflow 16 bits unless
            # weights have 7: https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html
            activation_type=QuantType.QInt8 if tensorrt else QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            reduce_range=not tensorrt,
            extra_options={"ActivationSymmetric": tensorrt, "WeightSymmetric": True},
        )
        return onnx.load(quantised)


class Pictures(CalibrationDataReader):
    def __init__(self, pictures):
        self.batches = (pictures[at : at + CALIBRATION_ROWS] for at in range(0, len(pictures), CALIBRATION_ROWS))

    def get_next(self):
        batch = next(self.batches, None)
        return None if batch is None else {INPUT: batch}


def exact_nodes(model):
    """Nodes that stay as they are: up to the first weights, since the pixels are bytes already and are normalised
    exactly, and from the last weights on, whose rounding would show in the scores themselves."""
    reached, names = {INPUT}, []
    for node in model.graph.node:
        if node.op_type not in WEIGHTED and reached.intersection(node.input):
            reached.update(node.output)
            names.append(node.name)
    weighted = [at for at, node in enumerate(model.graph.node) if node.op_type in WEIGHTED]
    if len(weighted) > 1:
        names += [node.name for node in model.graph.node[weighted[-1] :]]
    return names
