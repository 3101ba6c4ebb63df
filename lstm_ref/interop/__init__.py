"""Weights and layers in the forms that other libraries take: the same numbers, stacked in another order.

One module for each library. What is read may be float32 or float64, in arrays or in tensors of any device. A state or
a node with two biases is read as their sum, and no bias as zero; what is written and read again is the same to the
last bit.
"""

from lstm_ref.interop.exporter import translation_table
from lstm_ref.interop.keras import from_keras, to_keras
from lstm_ref.interop.onnx import export_onnx, from_onnx, onnx_model, to_onnx
from lstm_ref.interop.torch import from_torch, suffixes, to_layer, to_torch, units

__all__ = [
    "export_onnx",
    "from_keras",
    "from_onnx",
    "from_torch",
    "onnx_model",
    "suffixes",
    "to_keras",
    "to_layer",
    "to_onnx",
    "to_torch",
    "translation_table",
    "units",
]
