#!/usr/bin/env python3
"""Writes the small detection models of the tests, one for each layout: `python3 make.py FOLDER`.

Needs numpy and onnx. All are one detector of red and blue things with fixed weights, which measures where the colour
lies in a window around each cell of a grid; they differ in what they take and how they give their boxes, as the layouts
do. The same versions of numpy and onnx give the same bytes.
"""

import os
import sys

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper

WIDTH, HEIGHT = 160, 96
CLASSES = 2
CELLS = (8, 16, 32)
# Cells of 8 pixels seen from each: one to either side.
WINDOW = 24
KEPT = 20
# Means and deviations of ImageNet's pixels, as RF-DETR takes them off.
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class Graph:
    """Nodes of a model, each output named by its number."""

    def __init__(self):
        self.nodes, self.constants, self.count = [], [], 0

    def constant(self, values, kind=np.float32):
        self.count += 1
        name = f"c{self.count}"
        self.constants.append(numpy_helper.from_array(np.asarray(values, kind), name))
        return name

    def add(self, operator, *inputs, outputs=1, **attributes):
        names = [f"t{self.count + i + 1}" for i in range(outputs)]
        self.count += outputs
        inputs = [i if isinstance(i, str) else self.constant(i) for i in inputs]
        self.nodes.append(helper.make_node(operator, inputs, names, **attributes))
        return names[0] if outputs == 1 else names

    def slice(self, tensor, axis, start, end):
        bounds = [self.constant([v], np.int64) for v in (start, end, axis)]
        return self.add("Slice", tensor, *bounds)

    def reshape(self, tensor, shape):
        return self.add("Reshape", tensor, self.constant(shape, np.int64))

    def clip(self, tensor, low, high):
        return self.add("Clip", tensor, low, high)


def colours(g, picture, form):
    """Red, green and blue of 0 to 1 from what the layout takes."""
    if form == "imagenet":
        picture = g.add("Mul", picture, np.reshape(DEVIATION, (1, 3, 1, 1)))
        picture = g.add("Add", picture, np.reshape(MEAN, (1, 3, 1, 1)))
    if form == "bgr":
        picture = g.add("Div", picture, 255.0)
    planes = [g.slice(picture, 1, i, i + 1) for i in range(3)]
    return planes[::-1] if form == "bgr" else planes


def kernel():
    """Moments over a window: 1, x, y, x², y² from its middle, in pixels; and what lies on its border."""
    at = np.arange(WINDOW) - (WINDOW - 1) / 2
    x, y = np.meshgrid(at, at)
    border = np.maximum(abs(x), abs(y)) == at[-1]
    return np.stack([np.ones_like(x), x, y, x * x, y * y, border])[:, None].astype(np.float32)


def detect(g, picture, form):
    """Centre, size ([1,4,N], pixels), scores ([1,C,N]) and the cells' columns, rows and sizes ([1,1,N])."""
    red, green, blue = colours(g, picture, form)
    found = [g.add("Relu", g.add("Sub", c, green)) for c in (red, blue)]
    classes = g.add("Concat", *found, axis=1)
    both = g.add("Add", *found)
    weights = g.constant(kernel())
    parts = {"boxes": [], "scores": [], "columns": [], "rows": [], "sizes": []}
    for cell in CELLS:
        fold = cell // 8
        pool = dict(kernel_shape=[fold, fold], strides=[fold, fold])
        small = g.add("AveragePool", both, **pool) if fold > 1 else both
        moments = g.add("Conv", small, weights, kernel_shape=[WINDOW] * 2, strides=[8, 8], pads=[8] * 4)
        mass, mx, my, mxx, myy, border = [g.slice(moments, 1, i, i + 1) for i in range(6)]
        mass = g.add("Add", mass, 1e-3)
        dx, dy = g.add("Div", mx, mass), g.add("Div", my, mass)

        def length(second, first):
            # A line of length l has the variance l²/12; a pixel is one long.
            spread = g.add("Sub", g.add("Div", second, mass), g.add("Mul", first, first))
            return g.add("Mul", g.add("Sqrt", g.add("Add", g.add("Relu", spread), 1 / 12)), 12**0.5 * fold)

        width, height = length(mxx, dx), length(myy, dy)
        # Counts cells from 0, whatever the size of the picture is.
        ones = g.add("Add", g.add("Mul", mass, 0.0), 1.0)
        columns = g.add("Sub", g.add("CumSum", ones, g.constant(3, np.int64)), 1.0)
        rows = g.add("Sub", g.add("CumSum", ones, g.constant(2, np.int64)), 1.0)
        x = g.add("Add", g.add("Mul", g.add("Add", columns, 0.5), float(cell)), g.add("Mul", dx, float(fold)))
        y = g.add("Add", g.add("Mul", g.add("Add", rows, 0.5), float(cell)), g.add("Mul", dy, float(fold)))

        # Best where the cell is at the middle of the thing and half as long; nothing where it reaches out of the
        # window, as its size isn't seen then.
        off = g.add("Div", g.add("Add", g.add("Mul", dx, dx), g.add("Mul", dy, dy)), 64.0)
        area = g.add("Div", g.add("Mul", width, height), float(4 * cell * cell))
        misfit = g.add("Log", area)
        misfit = g.add("Mul", g.add("Mul", misfit, misfit), 0.2)
        cut = g.add("Mul", g.add("Div", border, mass), 30.0)
        share = g.add("Exp", g.add("Neg", g.add("Add", g.add("Add", off, misfit), cut)))
        mean = g.add("AveragePool", classes, kernel_shape=[cell] * 2, strides=[cell] * 2)
        scores = g.clip(g.add("Mul", mean, share), 0.0, 1.0)

        for name, value, channels in (
            ("boxes", g.add("Concat", x, y, width, height, axis=1), 4),
            ("scores", scores, CLASSES),
            ("columns", columns, 1),
            ("rows", rows, 1),
            ("sizes", g.add("Mul", ones, float(cell)), 1),
        ):
            parts[name].append(g.reshape(value, [1, channels, -1]))
    return [g.add("Concat", *parts[n], axis=2) for n in ("boxes", "scores", "columns", "rows", "sizes")]


def rows_of(g, *tensors):
    return g.add("Transpose", g.add("Concat", *tensors, axis=1), perm=[0, 2, 1])


def corners(g, boxes):
    x, y, w, h = [g.slice(boxes, 1, i, i + 1) for i in range(4)]
    w, h = g.add("Mul", w, 0.5), g.add("Mul", h, 0.5)
    return [g.add(o, a, b) for o, a, b in (("Sub", x, w), ("Sub", y, h), ("Add", x, w), ("Add", y, h))]


def best(g, boxes, scores):
    """The best KEPT: corners [1,4,K], scores [1,1,K], classes [1,1,K] as floats."""
    top = g.add("ReduceMax", scores, axes=[1], keepdims=1)
    label = g.add("ArgMax", scores, axis=1, keepdims=1)
    label = g.add("Cast", label, to=TensorProto.FLOAT)
    values, where = g.add("TopK", top, g.constant([KEPT], np.int64), outputs=2, axis=2)
    where = g.reshape(where, [-1])
    box = g.add("Gather", g.add("Concat", *corners(g, boxes), axis=1), where, axis=2)
    return box, values, g.add("Gather", label, where, axis=2)


def logits(g, scores):
    p = g.clip(scores, 1e-4, 1 - 1e-4)
    return g.add("Log", g.add("Div", p, g.add("Sub", 1.0, p)))


def shares(g, boxes):
    return g.add("Div", boxes, np.reshape([WIDTH, HEIGHT, WIDTH, HEIGHT], (1, 4, 1)))


def layout(g, name, found):
    """Output names and tensors, and their shapes and kinds."""
    boxes, scores, columns, rows, sizes = found
    count = sum((WIDTH // c) * (HEIGHT // c) for c in CELLS)
    real, whole = TensorProto.FLOAT, TensorProto.INT64
    if name == "yolov8" or name == "yolov8-open":
        end = None if name.endswith("open") else count
        return [("output0", g.add("Concat", boxes, scores, axis=1), [1, 4 + CLASSES, end], real)]
    if name == "yolov8-turned":
        return [("output0", rows_of(g, boxes, scores), [1, count, 4 + CLASSES], real)]
    if name == "yolov5":
        # Three candidates a cell, the second and third less sure.
        sure = [g.add("Mul", g.add("Add", g.add("Mul", sizes, 0.0), 1.0), s) for s in (0.9, 0.6, 0.3)]
        each = [rows_of(g, boxes, s, scores) for s in sure]
        return [("output", g.add("Concat", *each, axis=1), [1, 3 * count, 5 + CLASSES], real)]
    if name in ("yolox", "yolox-decoded"):
        top = g.add("Add", g.add("ReduceMax", scores, axes=[1], keepdims=1), 1e-6)
        sure = g.add("Sqrt", top)
        each = g.add("Div", scores, sure)
        if name == "yolox":
            centre = g.add("Div", g.slice(boxes, 1, 0, 2), sizes)
            centre = g.add("Sub", centre, g.add("Concat", columns, rows, axis=1))
            size = g.add("Log", g.add("Div", g.slice(boxes, 1, 2, 4), sizes))
            boxes = g.add("Concat", centre, size, axis=1)
        return [("output", rows_of(g, boxes, sure, each), [1, count, 5 + CLASSES], real)]
    if name == "rf-detr":
        # The first class stands for none.
        none = g.add("Add", g.add("Mul", sizes, 0.0), -9.0)
        dets = rows_of(g, shares(g, boxes))
        return [
            ("dets", dets, [1, count, 4], real),
            ("labels", rows_of(g, none, logits(g, scores)), [1, count, 1 + CLASSES], real),
        ]
    if name == "d-fine":
        return [
            ("logits", rows_of(g, logits(g, scores)), [1, count, CLASSES], real),
            ("pred_boxes", rows_of(g, shares(g, boxes)), [1, count, 4], real),
        ]
    box, values, label = best(g, boxes, scores)
    if name == "yolov10":
        return [("output0", rows_of(g, box, values, label), [1, KEPT, 6], real)]
    if name == "ssd":
        # Below 0 from the first that is no detection on.
        weak = g.add("Cast", g.add("Less", values, 0.02), to=real)
        picture = g.add("Neg", weak)
        rows7 = rows_of(g, picture, label, values, shares(g, box))
        return [("detection_out", g.reshape(rows7, [1, 1, KEPT, 7]), [1, 1, KEPT, 7], real)]
    if name == "d-fine-decoded":
        # From shares to pixels of what the second input says.
        size = g.add("Cast", "orig_target_sizes", to=real)
        size = g.reshape(g.add("Concat", size, size, axis=1), [1, 4, 1])
        box = g.add("Mul", shares(g, box), size)
        flat = lambda t: g.reshape(t, [1, KEPT])
        return [
            ("labels", g.add("Cast", flat(label), to=whole), [1, KEPT], whole),
            ("boxes", rows_of(g, box), [1, KEPT, 4], real),
            ("scores", flat(values), [1, KEPT], real),
        ]
    raise ValueError(name)


# Layout, what it takes, and the name of the picture's input.
MODELS = {
    "yolov5": ("unit", "images"),
    "yolov8": ("unit", "images"),
    "yolov8-turned": ("unit", "images"),
    "yolov8-open": ("unit", "images"),
    "yolov10": ("unit", "images"),
    "yolox": ("bgr", "images"),
    "yolox-decoded": ("bgr", "images"),
    "rf-detr": ("imagenet", "input"),
    "d-fine": ("unit", "pixel_values"),
    "d-fine-decoded": ("unit", "images"),
    "ssd": ("bgr", "data"),
}


def make(name):
    form, picture = MODELS[name]
    g = Graph()
    outputs = layout(g, name, detect(g, picture, form))
    for public, tensor, _, _ in outputs:
        g.nodes.append(helper.make_node("Identity", [tensor], [public]))
    shape = ["batch", 3, "height", "width"] if name.endswith("open") else [1, 3, HEIGHT, WIDTH]
    inputs = [helper.make_tensor_value_info(picture, TensorProto.FLOAT, shape)]
    if name == "d-fine-decoded":
        inputs.append(helper.make_tensor_value_info("orig_target_sizes", TensorProto.INT64, [1, 2]))
    infos = [helper.make_tensor_value_info(n, kind, shape) for n, _, shape, kind in outputs]
    graph = helper.make_graph(g.nodes, name, inputs, infos, g.constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], producer_name="saccade")
    model.ir_version = 8
    checker.check_model(model, full_check=True)
    return model.SerializeToString(deterministic=True)


if __name__ == "__main__":
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
    for name in MODELS:
        data = make(name)
        with open(os.path.join(folder, name + ".onnx"), "wb") as file:
            file.write(data)
        print(f"{name}.onnx: {len(data)} bytes")
