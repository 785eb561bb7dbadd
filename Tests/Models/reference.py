#!/usr/bin/env python3
"""What models of make.py find in a picture, by ONNX Runtime and NumPy alone: `reference.py PICTURE.ppm MODEL…`.

Prints JSON: for each model's name a list of {label, score, box: [left, top, right, bottom] in pixels of the picture},
the best first. Needs numpy and onnxruntime. Layout and preparation go by the model's name; nothing here is Saccade's.
"""

import json
import os
import sys

import numpy as np
import onnxruntime

SCORE, OVERLAP = 0.25, 0.5
STRETCHED = ("rf-detr", "d-fine", "d-fine-decoded", "ssd")
BGR = ("yolox", "yolox-decoded", "ssd")
WIDTH, HEIGHT = 160, 96


def read(path):
    with open(path, "rb") as file:
        kind, size, depth, rest = file.read().split(b"\n", 3)
    assert kind == b"P6" and depth == b"255", path
    width, height = map(int, size.split())
    return np.frombuffer(rest, np.uint8).reshape(height, width, 3).astype(np.float64)


def weights(source, target):
    """Of source samples for each target sample: a triangle, as wide as samples are apart where they get fewer."""
    ratio = source / target
    reach = max(1.0, ratio)
    middle = (np.arange(target) + 0.5) * ratio - 0.5
    table = np.maximum(0, 1 - np.abs(np.arange(source)[None] - middle[:, None]) / reach)
    return table / table.sum(1, keepdims=True)


def resize(picture, width, height):
    if picture.shape[:2] == (height, width):
        return picture
    rows, columns = weights(picture.shape[0], height), weights(picture.shape[1], width)
    return np.rint(np.einsum("ij,jkc,lk->ilc", rows, picture, columns, optimize=True))


def place(picture, name):
    """The input, and the left, top, width and height that the picture has in it."""
    if name in STRETCHED:
        return resize(picture, WIDTH, HEIGHT), (0, 0, WIDTH, HEIGHT)
    scale = min(WIDTH / picture.shape[1], HEIGHT / picture.shape[0])
    width, height = round(picture.shape[1] * scale), round(picture.shape[0] * scale)
    left, top = (WIDTH - width) // 2, (HEIGHT - height) // 2
    whole = np.full((HEIGHT, WIDTH, 3), 114.0)
    whole[top : top + height, left : left + width] = resize(picture, width, height)
    return whole, (left, top, width, height)


def prepare(picture, name):
    if name == "rf-detr":
        picture = (picture / 255 - (0.485, 0.456, 0.406)) / (0.229, 0.224, 0.225)
    elif name in BGR:
        picture = picture[:, :, ::-1]
    else:
        picture = picture / 255
    return np.ascontiguousarray(picture.transpose(2, 0, 1)[None]).astype(np.float32)


def centred(boxes):
    return np.concatenate([boxes[:, :2] - boxes[:, 2:] / 2, boxes[:, :2] + boxes[:, 2:] / 2], 1)


def sigmoid(values):
    return 1 / (1 + np.exp(-values))


def candidates(name, outputs):
    """Corners in pixels of the input [N,4], and scores of all classes [N,C]."""
    first = outputs[0][0]
    if name.startswith("yolov8"):
        first = first if name.endswith("turned") else first.T
        return centred(first[:, :4]), first[:, 4:]
    if name in ("yolov5", "yolox", "yolox-decoded"):
        boxes = first[:, :4].copy()
        if name == "yolox":
            at = 0
            for cell in (8, 16, 32):
                for y in range(HEIGHT // cell):
                    for x in range(WIDTH // cell):
                        boxes[at] = np.concatenate([(boxes[at, :2] + (x, y)) * cell, np.exp(boxes[at, 2:]) * cell])
                        at += 1
        return centred(boxes), first[:, 4:5] * first[:, 5:]
    if name == "rf-detr":
        return centred(first * (WIDTH, HEIGHT, WIDTH, HEIGHT)), sigmoid(outputs[1][0][:, 1:])
    if name == "d-fine":
        return centred(outputs[1][0] * (WIDTH, HEIGHT, WIDTH, HEIGHT)), sigmoid(first)
    if name == "yolov10":
        boxes, scores, labels = first[:, :4], first[:, 4], first[:, 5]
    elif name == "ssd":
        rows = outputs[0][0, 0]
        rows = rows[: np.argmax(np.append(rows[:, 0], -1) < 0)]
        boxes, scores, labels = rows[:, 3:] * (WIDTH, HEIGHT, WIDTH, HEIGHT), rows[:, 2], rows[:, 1]
    else:
        labels, boxes, scores = (o[0] for o in outputs)
    table = np.zeros((len(scores), 2))
    table[np.arange(len(scores)), labels.astype(int)] = scores
    return boxes, table


def overlap(a, b):
    sides = np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2])
    if min(sides) <= 0:
        return 0
    shared = np.prod(sides)
    return shared / (np.prod(a[2:] - a[:2]) + np.prod(b[2:] - b[:2]) - shared)


def detect(name, outputs):
    boxes, table = candidates(name, outputs)
    label, score = table.argmax(1), table.max(1)
    kept = []
    for index in np.argsort(-score, kind="stable"):
        if score[index] < SCORE:
            break
        hidden = name.startswith("yolo") and name != "yolov10" and any(
            label[k] == label[index] and overlap(boxes[k], boxes[index]) > OVERLAP for k in kept
        )
        if not hidden:
            kept.append(index)
    return [(int(label[k]), float(score[k]), boxes[k]) for k in kept]


def run(name, path, picture):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    whole, (left, top, width, height) = place(picture, name)
    feed = {session.get_inputs()[0].name: prepare(whole, name)}
    if len(session.get_inputs()) > 1:
        feed["orig_target_sizes"] = np.array([[WIDTH, HEIGHT]], np.int64)
    found = []
    for label, score, box in detect(name, session.run(None, feed)):
        box = (box - (left, top, left, top)) / (width, height, width, height)
        box = np.clip(box, 0, 1) * (picture.shape[1::-1] * 2)
        found.append({"label": label, "score": score, "box": [float(v) for v in box]})
    return found


def main(picture, models):
    picture = read(picture)
    names = {os.path.basename(path).removesuffix(".onnx"): path for path in models}
    print(json.dumps({name: run(name, path, picture) for name, path in names.items()}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
