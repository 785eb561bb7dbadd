#!/usr/bin/env python3
"""Trains the detector of the rendered scenes: `python3 train.py MODEL.onnx STEPS CLIP...`.

`scenes.onnx` is 6500 steps over base, crowds, crossings and stops of the scenes, in all their places, with seeds 11 to 13, and
cast-shadows, clouds, flicker, foliage, headlights, rain and snow with 11, rendered at 640x360
(`saccade-scenes render NAME --seed N --width 640 --height 360 --out FOLDER`); 35 minutes on two cores.

A clip is named without its endings: CLIP.mp4 and CLIP.truth.ndjson, as `saccade-scenes render` writes them. Needs numpy,
onnx and ffmpeg. The model has YOLOv8's form: input [1,3,192,320] of RGB 0 to 1,
output [1,4+C,1260], with boxes of middle and size in pixels and a score for each class.
"""

import json
import multiprocessing
import subprocess
import sys
import time

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper, save

WIDTH, HEIGHT = 320, 192
KINDS = ("person", "vehicle", "animal", "crate")
STRIDES = (8, 16, 32)
# Sides up to which each stride looks for things; neighbours share what lies between.
REACH = ((0, 44), (28, 92), (64, 1000))
CLIP_WIDTH, CLIP_HEIGHT = 640, 360
GREY = 114
# Frames of a clip that are used, a second; pictures in a step.
RATE = 3
BATCH = 8
random = np.random.default_rng(5)

# Name, from, channels, size, stride: the trunk, then a head of two for each stride.
TRUNK = (
    ("a", None, 3, 16, 2), ("b", "a", 16, 24, 2), ("c", "b", 24, 32, 2), ("c2", "c", 32, 32, 1),
    ("d", "c2", 32, 48, 2), ("d2", "d", 48, 48, 1), ("e", "d2", 48, 64, 2), ("e2", "e", 64, 64, 1),
)
HEADS = (("c2", 32), ("d2", 48), ("e2", 64))


def conv_names():
    """Name, input, channels in and out, stride, size of each convolution, in order."""
    for name, source, before, after, stride in TRUNK:
        yield name, source, before, after, stride, 3
    for source, width in HEADS:
        yield f"h{source}", source, width, 48, 1, 3
        yield f"o{source}", f"h{source}", 48, 4 + len(KINDS), 1, 1


class Net:
    def __init__(self):
        self.weights, self.biases = {}, {}
        for name, _, before, after, _, size in conv_names():
            spread = (2 / (before * size * size)) ** 0.5
            self.weights[name] = random.normal(0, spread, (after, before * size * size)).astype(np.float32)
            self.biases[name] = np.zeros(after, np.float32)
            if name.startswith("o"):
                self.weights[name] *= 0.1
                # Nothing is anywhere, to begin with.
                self.biases[name][4:] = -4
                self.biases[name][:4] = 0.7

    @staticmethod
    def columns(x, size, stride):
        if size == 1:
            b, c, h, w = x.shape
            return x.transpose(1, 0, 2, 3).reshape(c, -1), (h, w)
        x = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
        b, c, h, w = x.shape
        rows, cols = (h - 3) // stride + 1, (w - 3) // stride + 1
        s = x.strides
        view = np.lib.stride_tricks.as_strided(
            x, (c, 3, 3, b, rows, cols), (s[1], s[2], s[3], s[0], s[2] * stride, s[3] * stride))
        return view.reshape(c * 9, -1), (rows, cols)

    def forward(self, picture):
        """Outputs of the heads, each [B,4+C,h,w], and what the way back needs."""
        self.kept, values = {}, {None: picture}
        for name, source, _, after, stride, size in conv_names():
            x = values[source]
            cols, (h, w) = self.columns(x, size, stride)
            y = (self.weights[name] @ cols + self.biases[name][:, None]).reshape(after, x.shape[0], h, w)
            y = y.transpose(1, 0, 2, 3)
            if not name.startswith("o"):
                y = np.maximum(y, 0)
            values[name] = np.ascontiguousarray(y)
            self.kept[name] = (cols, x.shape, values[name])
        return [values[f"o{source}"] for source, _ in HEADS]

    def backward(self, slopes):
        """Slopes of weights and biases from those of the heads' outputs."""
        pending = {f"o{source}": slope for (source, _), slope in zip(HEADS, slopes)}
        weights, biases = {}, {}
        for name, source, before, after, stride, size in reversed(list(conv_names())):
            cols, shape, y = self.kept[name]
            slope = pending.pop(name)
            if not name.startswith("o"):
                slope = slope * (y > 0)
            flat = slope.transpose(1, 0, 2, 3).reshape(after, -1)
            weights[name] = flat @ cols.T
            biases[name] = flat.sum(1)
            if source is None:
                continue
            back = self.weights[name].T @ flat
            b, c, h, w = shape
            if size == 1:
                dx = back.reshape(c, b, h, w).transpose(1, 0, 2, 3)
            else:
                rows, columns = slope.shape[2:]
                back = back.reshape(c, 3, 3, b, rows, columns)
                dx = np.zeros((c, b, h + 2, w + 2), np.float32)
                for i in range(3):
                    for j in range(3):
                        dx[:, :, i : i + rows * stride : stride, j : j + columns * stride : stride] += back[:, i, j]
                dx = dx[:, :, 1:-1, 1:-1].transpose(1, 0, 2, 3)
            pending[source] = pending[source] + dx if source in pending else dx
        return weights, biases


def load(clip, rate):
    """Frames of a clip as [N,h,w,3], and of each its things: kind, box in 0...1, share that shows, whether it is to be found."""
    data = subprocess.run(
        ["ffmpeg", "-v", "error", "-nostdin", "-i", clip + ".mp4", "-s", f"{CLIP_WIDTH}x{CLIP_HEIGHT}", "-f", "rawvideo",
         "-pix_fmt", "rgb24", "-"], check=True, stdout=subprocess.PIPE).stdout
    frames = np.frombuffer(data, np.uint8).reshape(-1, CLIP_HEIGHT, CLIP_WIDTH, 3)
    with open(clip + ".truth.ndjson") as f:
        lines = [json.loads(line) for line in f]
    step = max(1, round(lines[0]["fps"] / rate))
    things = []
    for line in lines[1::step]:
        things.append([
            (KINDS.index(o["kind"]), o["box"], o["visible"], o["visible"] >= 0.4 and o["contrast"] >= 12)
            for o in line["objects"] if o["kind"] in KINDS and o["visible"] > 0.02])
    frames = frames[::step].copy()
    count = min(len(frames), len(things))
    return frames[:count], things[:count]


def paste(target, frame, region, place):
    """Fits a region (x, y, w, h in pixels of the frame) into a place of the target; gives scale and shift of it."""
    x, y, w, h = region
    left, top, width, height = place
    scale = min(width / w, height / h)
    out_w, out_h = max(1, round(w * scale)), max(1, round(h * scale))
    dx, dy = left + (width - out_w) // 2, top + (height - out_h) // 2
    # The mean of up to four samples a pixel, as a scaler would.
    taps = 2 if scale < 0.75 else 1
    rows = np.clip(y + (np.arange(out_h * taps) + 0.5) / taps / scale, 0, frame.shape[0] - 1).astype(int)
    cols = np.clip(x + (np.arange(out_w * taps) + 0.5) / taps / scale, 0, frame.shape[1] - 1).astype(int)
    part = frame[rows[:, None], cols[None, :]].astype(np.float32)
    if taps == 2:
        part = part.reshape(out_h, 2, out_w, 2, 3).mean((1, 3))
    target[dy : dy + out_h, dx : dx + out_w] = part
    return scale, dx - x * scale, dy - y * scale


def example(clips):
    """A picture as the detector gets it, and its things in pixels: whole frames, a place, or four of them as tiles."""
    target = np.full((HEIGHT, WIDTH, 3), GREY, np.float32)
    found = []
    kind = random.random()
    places = [(0, 0, WIDTH, HEIGHT)]
    if kind > 0.75:
        places = [(c * WIDTH // 2, r * HEIGHT // 2, WIDTH // 2, HEIGHT // 2) for r in (0, 1) for c in (0, 1)]
        places = places[: random.integers(2, 5)]
    for place in places:
        frames, things = clips[random.integers(len(clips))]
        i = random.integers(len(frames))
        frame, here = frames[i], things[i]
        if kind < 0.5:
            region = (0, 0, CLIP_WIDTH, CLIP_HEIGHT)
        else:
            if here and random.random() < 0.85:
                _, (bx, by, bw, bh), _, _ = here[random.integers(len(here))]
                middle = (bx + bw / 2) * CLIP_WIDTH, (by + bh / 2) * CLIP_HEIGHT
                side = max(0.2 * CLIP_HEIGHT, 1.5 * max(bw * CLIP_WIDTH, bh * CLIP_HEIGHT)) * random.uniform(0.8, 2)
            else:
                middle = random.uniform(0, CLIP_WIDTH), random.uniform(0, CLIP_HEIGHT)
                side = random.uniform(0.2, 0.8) * CLIP_HEIGHT
            side = min(side, CLIP_HEIGHT)
            region = (min(max(0, middle[0] - side / 2), CLIP_WIDTH - side), min(max(0, middle[1] - side / 2), CLIP_HEIGHT - side),
                      side, side)
        scale, dx, dy = paste(target, frame, region, place)
        for label, (bx, by, bw, bh), _, is_due in here:
            x0, y0 = max(bx * CLIP_WIDTH, region[0]), max(by * CLIP_HEIGHT, region[1])
            x1 = min((bx + bw) * CLIP_WIDTH, region[0] + region[2])
            y1 = min((by + bh) * CLIP_HEIGHT, region[1] + region[3])
            if x1 - x0 < 1 or y1 - y0 < 1:
                continue
            share = (x1 - x0) * (y1 - y0) / max(1e-6, bw * CLIP_WIDTH * bh * CLIP_HEIGHT)
            box = (x0 * scale + dx, y0 * scale + dy, x1 * scale + dx, y1 * scale + dy)
            found.append((label, box, is_due and share > 0.6 and max(box[2] - box[0], box[3] - box[1]) >= 7))
    if random.random() < 0.5:
        target = target[:, ::-1]
        found = [(label, (WIDTH - b[2], b[1], WIDTH - b[0], b[3]), due) for label, b, due in found]
    gain = random.uniform(0.7, 1.3)
    return np.clip(target * gain, 0, 255).transpose(2, 0, 1) / 255, found


def targets(found):
    """Of each stride: scores wanted [C,h,w], weight of them, distances wanted [4,h,w], which cells have any."""
    result = []
    for stride, (least, most) in zip(STRIDES, REACH):
        h, w = HEIGHT // stride, WIDTH // stride
        wanted, weight = np.zeros((len(KINDS), h, w), np.float32), np.ones((h, w), np.float32)
        far, has = np.zeros((4, h, w), np.float32), np.zeros((h, w), bool)
        ys, xs = (np.arange(h) + 0.5) * stride, (np.arange(w) + 0.5) * stride
        # The smallest last: what lies before hides what is behind.
        for label, (x0, y0, x1, y1), is_due in sorted(found, key=lambda f: -(f[1][2] - f[1][0]) * (f[1][3] - f[1][1])):
            inside = ((ys > y0) & (ys < y1))[:, None] & ((xs > x0) & (xs < x1))[None, :]
            side = max(x1 - x0, y1 - y0)
            if not is_due:
                weight[inside & ~has] = 0
                continue
            if not least <= side < most:
                # Another stride's: what this one says of it is all the same.
                weight[inside & ~has] = 0
                continue
            rx, ry = max(stride * 0.75, (x1 - x0) * 0.2), max(stride * 0.75, (y1 - y0) * 0.2)
            cells = (np.abs(ys - (y0 + y1) / 2) < ry)[:, None] & (np.abs(xs - (x0 + x1) / 2) < rx)[None, :]
            weight[inside & ~cells & ~has] = 0.3
            wanted[:, cells] = 0
            wanted[label, cells] = 1
            weight[cells] = 1
            has |= cells
            for k, distance in enumerate((xs[None, :] - x0 + 0 * ys[:, None], ys[:, None] - y0 + 0 * xs[None, :],
                                          x1 - xs[None, :] + 0 * ys[:, None], y1 - ys[:, None] + 0 * xs[None, :])):
                far[k][cells] = np.maximum(distance, 0.05 * stride)[cells]
        result.append((wanted, weight, far, has))
    return result


def losses(outputs, levels):
    """Slopes of the outputs, and the two losses: focal for scores, absolute for logarithms of distances."""
    slopes, score_loss, box_loss = [], 0.0, 0.0
    count = max(1, sum(has.sum() for _, _, _, has in levels))
    for out, stride, (wanted, weight, far, has) in zip(outputs, STRIDES, levels):
        weight, has = weight[:, None], has[:, None]
        slope = np.zeros_like(out)
        p = 1 / (1 + np.exp(-np.clip(out[:, 4:], -20, 20)))
        miss = np.abs(wanted - p)
        share = np.where(wanted > 0, 0.6, 0.4) * weight
        cross = -np.log(np.clip(1 - miss, 1e-6, 1))
        score_loss += (share * miss**2 * cross).sum() / count
        # Focal loss with an exponent of two: its slope, by the outputs.
        slope[:, 4:] = share * np.sign(p - wanted) * (miss**3 + 2 * miss**2 * (1 - miss) * cross) / count
        goal = np.log(np.maximum(far, 1e-3) / stride)
        error = (out[:, :4] - goal) * has
        box_loss += np.abs(error).sum() / count / 4
        slope[:, :4] = np.clip(error / 0.1, -1, 1) * 0.25 / count
        slopes.append(slope.astype(np.float32))
    return slopes, score_loss, box_loss


def write(net, path):
    """The network as ONNX, with boxes decoded."""
    nodes, constants = [], []

    def constant(name, values, kind=np.float32):
        constants.append(numpy_helper.from_array(np.asarray(values, kind), name))
        return name

    for name, source, before, after, stride, size in conv_names():
        weights = constant(f"w_{name}", net.weights[name].reshape(after, before, size, size))
        bias = constant(f"b_{name}", net.biases[name])
        is_last = name.startswith("o")
        nodes.append(helper.make_node(
            "Conv", [source or "images", weights, bias], [name if is_last else f"r_{name}"], kernel_shape=[size] * 2,
            strides=[stride] * 2, pads=[size // 2] * 4))
        if not is_last:
            nodes.append(helper.make_node("Relu", [f"r_{name}"], [name]))
    parts = []
    for stride, (source, _) in zip(STRIDES, HEADS):
        h, w = HEIGHT // stride, WIDTH // stride
        ys, xs = np.meshgrid((np.arange(h) + 0.5) * stride, (np.arange(w) + 0.5) * stride, indexing="ij")
        shape = constant(f"shape{stride}", [1, 4 + len(KINDS), h * w], np.int64)
        nodes.append(helper.make_node("Reshape", [f"o{source}", shape], [f"flat{stride}"]))
        sizes = constant(f"sizes{stride}", [2, 2, len(KINDS)], np.int64)
        nodes.append(helper.make_node(
            "Split", [f"flat{stride}", sizes], [f"lt{stride}", f"rb{stride}", f"cls{stride}"], axis=1))
        step = constant(f"stride{stride}", [stride])
        for side in ("lt", "rb"):
            nodes.append(helper.make_node("Exp", [f"{side}{stride}"], [f"e{side}{stride}"]))
            nodes.append(helper.make_node("Mul", [f"e{side}{stride}", step], [f"d{side}{stride}"]))
        nodes.append(helper.make_node("Sub", [f"drb{stride}", f"dlt{stride}"], [f"off{stride}"]))
        half = constant(f"half{stride}", [0.5])
        nodes.append(helper.make_node("Mul", [f"off{stride}", half], [f"shift{stride}"]))
        grid = constant(f"grid{stride}", np.stack([xs.ravel(), ys.ravel()])[None])
        nodes.append(helper.make_node("Add", [f"shift{stride}", grid], [f"mid{stride}"]))
        nodes.append(helper.make_node("Add", [f"drb{stride}", f"dlt{stride}"], [f"size{stride}"]))
        nodes.append(helper.make_node("Sigmoid", [f"cls{stride}"], [f"p{stride}"]))
        nodes.append(helper.make_node(
            "Concat", [f"mid{stride}", f"size{stride}", f"p{stride}"], [f"part{stride}"], axis=1))
        parts.append(f"part{stride}")
    nodes.append(helper.make_node("Concat", parts, ["output0"], axis=2))
    cells = sum((HEIGHT // s) * (WIDTH // s) for s in STRIDES)
    graph = helper.make_graph(
        nodes, "scenes", [helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, HEIGHT, WIDTH])],
        [helper.make_tensor_value_info("output0", TensorProto.FLOAT, [1, 4 + len(KINDS), cells])], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    checker.check_model(model)
    save(model, path)
    with open(path.rsplit(".", 1)[0] + ".json", "w") as f:
        json.dump({"layout": "yolov8", "labels": list(KINDS), "score": 0.3}, f)
        f.write("\n")


def prepare(clips, size, count, queue):
    """Puts batches into a queue: pictures, and for each stride what is wanted of them."""
    for _ in range(count):
        examples = [example(clips) for _ in range(size)]
        each = [targets(found) for _, found in examples]
        levels = [[np.stack(parts) for parts in zip(*level)] for level in zip(*each)]
        queue.put((np.stack([picture for picture, _ in examples]).astype(np.float32), levels))


def main():
    path, steps, names = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
    clips = [load(name, RATE) for name in names]
    print(f"{len(clips)} clips, {sum(len(c[0]) for c in clips)} frames", flush=True)
    queue = multiprocessing.Queue(maxsize=8)
    multiprocessing.Process(target=prepare, args=(clips, BATCH, steps, queue), daemon=True).start()
    net = Net()
    parameters = [(group, name) for group in ("weights", "biases") for name in net.weights]
    mean = {key: np.zeros_like(getattr(net, key[0])[key[1]]) for key in parameters}
    square = {key: np.zeros_like(value) for key, value in mean.items()}
    start, shown = time.monotonic(), None
    for step in range(1, steps + 1):
        pictures, wanted = queue.get()
        slopes, *now = losses(net.forward(pictures), wanted)
        grown = dict(zip(("weights", "biases"), net.backward(slopes)))
        # Adam, warmed up and cooled down.
        rate = 2e-3 * min(1, step / 200) * (0.5 * (1 + np.cos(np.pi * step / steps)) + 0.005)
        for key in parameters:
            slope = grown[key[0]][key[1]]
            mean[key] += 0.1 * (slope - mean[key])
            square[key] += 0.005 * (slope * slope - square[key])
            change = mean[key] / (1 - 0.9**step) / (np.sqrt(square[key] / (1 - 0.995**step)) + 1e-8)
            value = getattr(net, key[0])[key[1]]
            value -= rate * change
            if key[0] == "weights":
                value *= 1 - rate * 1e-3
        shown = now if shown is None else [0.99 * old + 0.01 * new for old, new in zip(shown, now)]
        if step % 100 == 0:
            minutes = (time.monotonic() - start) / 60
            print(f"step {step}, {minutes:.1f} min: scores {shown[0]:.4f}, boxes {shown[1]:.4f}", flush=True)
        if step % 1000 == 0:
            write(net, path)
    write(net, path)


if __name__ == "__main__":
    main()
