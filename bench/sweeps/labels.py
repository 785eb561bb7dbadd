#!/usr/bin/env python3
"""Checks a streaming labelling against cc3d: the same components, with the same voxel counts, boxes and sums, on random volumes.

usage: labels.py TOOL [--rounds N]

Runs `TOOL label VOLUME.mhd` (8-bit, what isn't 0 is foreground, 26-connected), which prints a component a line, in any order:
count x0 y0 z0 x1 y1 z1 sumx sumy sumz, with inclusive boxes and sums of voxel indices. Exit code 1 when anything differs.
`TOOL label --connectivity 6 VOLUME.mhd` is tried as well, for information; a tool that refuses it is not wrong.
"""
import argparse
import collections
import pathlib
import subprocess
import sys
import tempfile
import time

import cc3d
import numpy as np

from volumes import TYPES, raw_of, write_header

# Slices × rows × columns: flat, thin and long ones, a single voxel, and widths beside the multiples of 8 and 64 that a packed row has.
SIZES = [(1, 1, 1), (1, 40, 40), (60, 1, 33), (50, 37, 1), (64, 96, 96), (40, 65, 127), (33, 64, 64), (9, 200, 257)]
DENSITIES = [0.02, 0.05, 0.1, 0.15, 0.2, 0.3]


def ellipsoids(random, shape, count):
    """Overlapping ellipsoids, some of them hollow: components that meet late, enclose each other, or touch at corners."""
    volume = np.zeros(shape, bool)
    axes = np.ogrid[tuple(slice(n) for n in shape)]
    for _ in range(count):
        centre, semi = random.uniform(0, shape), random.uniform(1, 9, 3)
        distance = sum(((axis - c) / a) ** 2 for axis, c, a in zip(axes, centre, semi))
        volume |= (distance < 1) & (distance > random.choice([-1, 0.4]))
    return volume


def combs(random, shape):
    """Teeth along z that are joined in the last slice only: the most labels that ever merge at once."""
    volume = np.zeros(shape, bool)
    volume[:, ::2, ::2] = random.random(volume[0, ::2, ::2].shape) < 0.7
    volume[-1] |= random.random(shape[1:]) < 0.5
    return volume


def volumes(rounds):
    """(what it is, volume) in a fixed order."""
    random = np.random.default_rng(4)
    for number in range(rounds):
        for shape in SIZES:
            for density in DENSITIES:
                yield f'random {shape} p {density} round {number}', random.random(shape) < density
        for shape, count in (((64, 96, 96), 60), ((64, 96, 96), 300), ((30, 50, 130), 40)):
            yield f'{count} ellipsoids {shape} round {number}', ellipsoids(random, shape, count)
            yield f'{count} ellipsoids {shape}, inverted, round {number}', ~ellipsoids(random, shape, count)
        yield f'comb round {number}', combs(random, (20, 61, 70))
    yield 'nothing', np.zeros((10, 20, 30), bool)
    yield 'everything', np.ones((10, 20, 30), bool)
    yield 'checkerboard', np.indices((16, 31, 33)).sum(0) % 2 == 0


def expected(volume, connectivity):
    """The lines as a multiset. cc3d gives labels and boxes; the sums are exact in float64, whatever cc3d's centroids are."""
    labels = cc3d.connected_components(volume, connectivity=connectivity)
    found = cc3d.statistics(labels)
    z, y, x = np.nonzero(labels)
    of = labels[z, y, x]
    count = len(found['voxel_counts'])
    sums = [np.bincount(of, weights=axis, minlength=count).astype(np.int64) for axis in (x, y, z)]
    lines = collections.Counter()
    for label in range(1, count):
        zs, ys, xs = found['bounding_boxes'][label]
        lines[(int(found['voxel_counts'][label]), xs.start, ys.start, zs.start, xs.stop - 1, ys.stop - 1, zs.stop - 1,
               *(int(axis[label]) for axis in sums))] += 1
    return lines


def told(tool, path, options):
    """The tool's lines as a multiset; None when it refuses the options."""
    run = subprocess.run([tool, 'label', *options, str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if run.returncode != 0:
        if options:
            return None
        raise SystemExit(f'{tool} label {path}: exit code {run.returncode}\n{run.stderr}')
    return collections.Counter(tuple(map(int, line.split())) for line in run.stdout.splitlines() if line.strip())


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n\n')[0])
    parser.add_argument('tool')
    parser.add_argument('--rounds', type=int, default=3)
    options = parser.parse_args()
    random = np.random.default_rng(5)
    same = {26: 0, 6: 0}
    total = components = refused = 0
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as scratch:
        path = pathlib.Path(scratch) / 'volume.mhd'
        for what, volume in volumes(options.rounds):
            total += 1
            # Any value but 0 is foreground: not only 1 or 255.
            raw_of(path).write_bytes((volume * random.integers(1, 256, volume.shape)).astype('u1').tobytes())
            write_header(path, volume.shape[::-1], (1, 1, 1), TYPES['MET_UCHAR'])
            for connectivity, extra in ((26, []), (6, ['--connectivity', '6'])):
                lines = told(options.tool, path, extra)
                if lines is None:
                    refused += 1
                    continue
                truth = expected(volume, connectivity)
                same[connectivity] += lines == truth
                if connectivity == 26:
                    components += truth.total()
                if lines != truth:
                    print(f'{what}, {connectivity}-connected: {lines.total()} components, cc3d has {truth.total()}; '
                          f'not told: {list((truth - lines))[:3]}; told wrongly: {list((lines - truth))[:3]}')
    print(f'26-connected: {same[26]} of {total} volumes the same as cc3d\'s, {components} components, {time.monotonic() - started:.1f} s')
    print(f'6-connected: {same[6]} of {total - refused} the same' if refused < total else '6-connected: not offered')
    sys.exit(same[26] != total)


if __name__ == '__main__':
    main()
