"""From the scoring function to ONNX, with the names that the model repository uses."""

import logging

import onnx
import onnx.numpy_helper
import tf2onnx

from refusal import Refusal

INPUT, OUTPUT = "images", "scores"


def convert(scores, opset):
    """An onnx.ModelProto; refuses operators that ONNX has no equal of, by name."""
    unmapped = UnmappedOperators()
    logging.getLogger("tf2onnx").addHandler(unmapped)
    try:
        model, _ = tf2onnx.convert.from_function(scores, input_signature=scores.input_signature, opset=opset)
    except Exception as error:
        raise Refusal(unmapped.sentence() or f"it cannot be converted to ONNX: {first_line(error)}") from error
    bind_captured(model, scores.get_concrete_function())
    unknown = sorted({node.op_type for node in model.graph.node if not known(node, model)})
    if unknown:
        raise Refusal(f"it uses {listed(unknown)}, which ONNX (opset {opset}) has no operator for")
    rename(model)
    onnx.checker.check_model(model, full_check=True)
    return model


def bind_captured(model, function):
    """Constants that the SavedModel's function holds by reference, which tf2onnx leaves as inputs of the graph."""
    values = {inner.name: outer for outer, inner in function.graph.captures}
    for each in [each for each in model.graph.input if each.name in values]:
        model.graph.initializer.append(onnx.numpy_helper.from_array(values[each.name].numpy(), each.name))
        model.graph.input.remove(each)


class UnmappedOperators(logging.Handler):
    """tf2onnx tells its log, not its caller, what it cannot map."""

    def __init__(self):
        super().__init__(logging.ERROR)
        self.lines = []

    def emit(self, record):
        self.lines.append(record.getMessage())

    def sentence(self):
        wanted = [line for line in self.lines if "nsupported" in line or "not supported" in line]
        return f"it uses what ONNX has no operator for: {first_line(wanted[-1])}" if wanted else None


def known(node, model):
    versions = {each.domain: each.version for each in model.opset_import}
    return onnx.defs.has(node.op_type, versions.get(node.domain, 1), node.domain)


def rename(model):
    """Names of the input and the output, wherever they are used; the batch is any number of pictures."""
    [picture], [result] = model.graph.input, model.graph.output
    names = {picture.name: INPUT, result.name: OUTPUT}
    for node in model.graph.node:
        node.input[:] = [names.get(each, each) for each in node.input]
        node.output[:] = [names.get(each, each) for each in node.output]
    for value, name in ((picture, INPUT), (result, OUTPUT)):
        value.name = name
        value.type.tensor_type.shape.dim[0].dim_param = "n"
    # Left in, an entry of the old name would contradict the new one.
    kept = [each for each in model.graph.value_info if each.name not in names]
    del model.graph.value_info[:]
    model.graph.value_info.extend(kept)


def first_line(error):
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def listed(names):
    return ", ".join(f'"{name}"' for name in names)
