#!/usr/bin/env python3
"""Writes a model as heavy as a small detector: `detector_model.py FILE.onnx [SIZE] [WIDTH]`. Needs numpy and onnx.

Convolutions of random weights in YOLOv8's proportions, input [1,3,SIZE,SIZE], output [1,84,N]: about 9 GFLOP at 640 with a
width of 16, as YOLOv8n has. What it finds means nothing.
"""

import sys

import numpy as np
from onnx import TensorProto, helper, numpy_helper

random = np.random.default_rng(7)
nodes, weights = [], []


def conv(tensor, source, target, size=3, stride=1, is_active=True):
    n = len(weights)
    spread = (2 / (source * size * size)) ** 0.5
    weights.append(numpy_helper.from_array(random.normal(0, spread, (target, source, size, size)).astype(np.float32), f"w{n}"))
    nodes.append(
        helper.make_node(
            "Conv", [tensor, f"w{n}"], [f"c{n}"], kernel_shape=[size] * 2, strides=[stride] * 2, pads=[size // 2] * 4
        )
    )
    if not is_active:
        return f"c{n}"
    nodes.append(helper.make_node("Sigmoid", [f"c{n}"], [f"s{n}"]))
    nodes.append(helper.make_node("Mul", [f"c{n}", f"s{n}"], [f"a{n}"]))
    return f"a{n}"


def main(path, size, width):
    tensor = conv("images", 3, width, stride=2)
    heads, cells = [], 0
    for stage, (channels, repeats) in enumerate(((2, 2), (4, 4), (8, 4), (16, 2))):
        source = width * channels // 2
        tensor = conv(tensor, source, width * channels, stride=2)
        for _ in range(repeats):
            tensor = conv(tensor, width * channels, width * channels)
        if stage > 0:
            head = conv(conv(tensor, width * channels, 64), 64, 84, 1, is_active=False)
            side = size // (4 << stage)
            cells += side * side
            weights.append(numpy_helper.from_array(np.array([1, 84, -1], np.int64), f"shape{stage}"))
            nodes.append(helper.make_node("Reshape", [head, f"shape{stage}"], [f"head{stage}"]))
            heads.append(f"head{stage}")
    nodes.append(helper.make_node("Concat", heads, ["logits"], axis=2))
    nodes.append(helper.make_node("Sigmoid", ["logits"], ["output0"]))
    graph = helper.make_graph(
        nodes, "detector",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, size, size])],
        [helper.make_tensor_value_info("output0", TensorProto.FLOAT, [1, 84, cells])], weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], producer_name="saccade")
    model.ir_version = 8
    with open(path, "wb") as file:
        file.write(model.SerializeToString(deterministic=True))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 640, int(sys.argv[3]) if len(sys.argv) > 3 else 16)
