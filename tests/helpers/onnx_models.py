"""Models of ONNX in two runtimes, and a model of one LSTM node."""

import onnx
import onnxruntime
import pytest
from onnx import helper
from onnx.reference import ReferenceEvaluator


def evaluated(model, inputs):
    """Return what the reference evaluator answers, in the precision of the model."""
    if tuple(map(int, onnx.__version__.split(".")[:2])) < (1, 23):
        pytest.skip("ONNX's reference evaluator leaves out c_last and the second direction before 1.23")
    return ReferenceEvaluator(model).run(None, inputs)


def run_by_onnxruntime(model, inputs):
    """Return what onnxruntime answers, which has the node in single precision alone."""
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, inputs)


def answer(inputs, run, direction="forward"):
    """Return what a runtime makes of a node of these inputs, by our names: h, h_last and c_last."""
    names = [name if name in inputs else "" for name in ("x", "W", "R", "B", "lengths", "h0", "c0", "P")]
    H = inputs["R"].shape[2]
    lstm = helper.make_node("LSTM", names, ["h", "h_last", "c_last"], hidden_size=H, direction=direction)
    kinds = {name: helper.np_dtype_to_tensor_dtype(array.dtype) for name, array in inputs.items()}
    values = [helper.make_tensor_value_info(name, kinds[name], array.shape) for name, array in inputs.items()]
    results = [helper.make_tensor_value_info(name, kinds["x"], None) for name in lstm.output]
    graph = helper.make_graph([lstm], "node", values, results)
    return run(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8), inputs)
