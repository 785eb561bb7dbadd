#!/usr/bin/env python3
"""Makes a CT sweep of a part with known defects: scan.mhd and scan.raw (16-bit MetaImage) and truth.json, which is written first.

usage: phantom.py --kind pores|pores-z25|limit|empty|inclusions|cracks|parts --seed N --out DIR

What is drawn is in scenes.py, the scanner in tomograph.py. Tune on seeds 1 to 6; 101 to 106 are for scoring and are not looked at.
"""
import argparse
import json
import os
import pathlib
import time

os.environ.setdefault('OPENBLAS_NUM_THREADS', '1')    # one core a sweep: make-all.sh runs two

import numpy as np

import scenes
from shapes import Rays
from tomograph import BATCH, Tomograph
from volumes import raw_of, write_header

VOXEL_MM = 0.5
VIEWS = 400
AIR = 8000              # grey value of no attenuation: room for noise below it
STEP = {'inclusions': 4500}     # grey values between air and aluminium; copper must stay below 65535
STEP_ELSE = 20000


def settings(kind, seed):
    """Noise (sd in the middle of the part, of the contrast of aluminium to air), sharpness and rings: by seed, so that each half of
    the seeds has all of them."""
    sharp = (seed // 2) % 2 == 0
    hard = kind == 'empty'
    return {
        'noise': 0.12 if hard else 0.05 if seed % 2 else 0.10,
        'blur': 0.5 if sharp else 0.35,
        'window': 'shepp-logan' if sharp else 'hann',
        'rings': 0.008 if hard else 0.004,
        'bad': 4 if hard else 0,
        # Every third scan is reconstructed within a circle only: outside of it lies 0, which is not the grey value of air.
        'circle': seed % 3 == 0,
    }


def calibrate(tomograph, part, z, noise):
    """Photons for the wanted noise, and the attenuation of the part's material that is the unit of contrast (1/voxel)."""
    metal = part.path(tomograph.rays, z)
    beam = tomograph.binned(tomograph.transmission(metal, {}))
    integrals = -np.log(beam)
    errors = tomograph.random.normal(0, 1, beam.shape) / np.sqrt(beam)
    image, errors = tomograph.reconstruct(np.stack([integrals, errors]).astype(np.float32))
    axis = np.arange(tomograph.width) - (tomograph.width - 1) / 2
    y, x = np.meshgrid(axis, axis, indexing='ij')
    inside = part.depth(np.stack([x.ravel(), y.ravel(), np.full(x.size, z)], 1)).reshape(x.shape) > 4
    unit = float(np.median(image[inside]))
    return (errors[inside].std() / (noise * unit)) ** 2, unit


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--kind', required=True, choices=scenes.KINDS)
    parser.add_argument('--seed', required=True, type=int)
    parser.add_argument('--out', required=True, type=pathlib.Path)
    options = parser.parse_args()
    started = time.monotonic()
    scene, chosen = scenes.Scene(options.kind, options.seed), settings(options.kind, options.seed)
    options.out.mkdir(parents=True, exist_ok=True)
    truth = scene.truth(options.seed, chosen['noise'], VOXEL_MM)
    head = json.dumps({key: value for key, value in truth.items() if key != 'defects'})[:-1]
    lines = ',\n'.join(json.dumps(defect) for defect in truth['defects'])
    (options.out / 'truth.json').write_text(f'{head}, "defects": [\n{lines}\n]}}\n')

    thick = scene.step > 1
    tomograph = Tomograph(Rays(VIEWS, scene.width, 4), scene.width, VOXEL_MM, chosen['blur'], chosen['window'], scene.step,
                          8 if thick else 3, 0 if thick else chosen['blur'], chosen['rings'],
                          chosen['bad'], np.random.default_rng([options.seed, scenes.KINDS.index(options.kind), 1]))
    photons, unit = calibrate(tomograph, scene.part, (scene.low + scene.high) / 2, chosen['noise'])
    gain = STEP.get(options.kind, STEP_ELSE) / unit
    axis = np.arange(scene.width) - (scene.width - 1) / 2
    outside = np.hypot(*np.meshgrid(axis, axis)) > scene.width / 2 - 1

    header = options.out / 'scan.mhd'
    with open(raw_of(header), 'wb') as raw:
        batch = []
        for beam in tomograph.beams(scene.part, scene.defects, scene.slices):
            batch.append(tomograph.counted(beam, photons))
            if len(batch) == BATCH or raw.tell() // (2 * scene.width ** 2) + len(batch) == scene.slices:
                grey = np.clip(np.rint(tomograph.reconstruct(np.stack(batch)) * gain + AIR), 0, 65535).astype('<u2')
                if chosen['circle']:
                    grey[:, outside] = 0
                raw.write(grey.tobytes())
                batch = []
    write_header(header, truth['size'], truth['spacing_mm'])    # last: a sweep with a header is complete
    print(f'{options.kind}-{options.seed}: {len(truth["defects"])} defects, {scene.width}²×{scene.slices}, '
          f'{time.monotonic() - started:.1f} s')


if __name__ == '__main__':
    main()
