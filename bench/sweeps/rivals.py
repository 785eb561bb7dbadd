#!/usr/bin/env python3
"""What a lab writes by hand: the whole volume in memory, ISO50 from Otsu, holes filled slice by slice, and labelled by scikit-image or
by cc3d. Each runs in a process of its own, so that its peak memory can be told.

usage: rivals.py SCAN [--truth TRUTH] [--reports DIR] [--spacing X,Y,Z]     SCAN: a .mhd, or a folder of 16-bit TIFF slices
       rivals.py SCAN.mhd --write-tiff DIR                                  the slices as TIFF, for the above

Time runs from opening the files to the list of diameters; Python's own start and imports are left out. Memory is the peak of the
whole process, imports included. --reports keeps what was found, for score.py: DIR/scikit-image/NAME.json and DIR/cc3d/NAME.json.
"""
import argparse
import json
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

import numpy as np

from volumes import open_volume

RIVALS = ('scikit-image', 'cc3d')
SMALLEST = 8        # voxels: below are specks of noise; a pore of 4 voxels' diameter has 34


def read(scan, spacing):
    """The volume in memory, and its spacing."""
    if scan.is_dir():
        import tifffile
        return np.stack([tifffile.imread(path) for path in sorted(scan.glob('*.tif'))]), spacing
    values, own = open_volume(scan)
    return np.array(values), own


def iso50(volume):
    """Halfway between the medians of the two classes that Otsu tells apart, all from one histogram."""
    from skimage.filters import threshold_otsu
    histogram = np.bincount(volume.ravel(), minlength=65536)
    split = int(threshold_otsu(hist=(histogram, np.arange(65536))))
    median = lambda counts: int(np.searchsorted(np.cumsum(counts), counts.sum() / 2))
    return (median(histogram[:split + 1]) + split + 1 + median(histogram[split + 1:])) / 2


def with_scikit_image(volume, spacing):
    import scipy.ndimage
    import skimage.measure
    material = volume > iso50(volume)
    pores = np.stack([scipy.ndimage.binary_fill_holes(plane) & ~plane for plane in material])
    labels = skimage.measure.label(pores, connectivity=3)
    table = skimage.measure.regionprops_table(labels, properties=('num_pixels', 'centroid', 'bbox', 'equivalent_diameter_area'),
                                              spacing=spacing[::-1])
    whole = (table['num_pixels'] >= SMALLEST) & ~((table['bbox-0'] == 0) & (table['bbox-3'] == len(volume)))
    centroids = np.stack([table['centroid-2'], table['centroid-1'], table['centroid-0']], 1)
    return centroids[whole], table['equivalent_diameter_area'][whole]


def with_cc3d(volume, spacing):
    import cc3d
    material = volume > iso50(volume)
    pores = np.empty_like(material)
    for plane, out in zip(material, pores):
        # A hole is air that doesn't reach the border of its slice.
        air = cc3d.connected_components(~plane, connectivity=4)
        border = np.unique(np.concatenate([air[0], air[-1], air[:, 0], air[:, -1]]))
        hole = np.ones(int(air.max()) + 1, bool)
        hole[border] = hole[0] = False
        out[:] = hole[air]
    found = cc3d.statistics(cc3d.connected_components(pores, connectivity=26))
    counts = found['voxel_counts'].astype(float)
    through = np.array([box[0].start == 0 and box[0].stop == len(volume) for box in found['bounding_boxes']])
    whole = (counts >= SMALLEST) & ~through
    whole[0] = False    # the background
    return found['centroids'][whole][:, ::-1] * spacing, (6 / np.pi * counts[whole] * np.prod(spacing)) ** (1 / 3)


def run_one(name, scan, spacing, report):
    started = time.monotonic()
    volume, spacing = read(scan, spacing)
    centroids, diameters = {'scikit-image': with_scikit_image, 'cc3d': with_cc3d}[name](volume, spacing)
    seconds = time.monotonic() - started
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text(json.dumps({
        'scan': {'spacing_mm': spacing, 'size': list(reversed(volume.shape))},
        'defects': [{'id': number, 'kind': 'pore', 'location': 'internal', 'centroid_mm': centroid.tolist(), 'diameter_mm': diameter,
                     'volume_mm3': np.pi / 6 * diameter ** 3, 'verdict': 'above' if diameter > 2 else 'below'}
                    for number, (centroid, diameter) in enumerate(zip(centroids, diameters.tolist()))]}))
    print(json.dumps({'slices': len(volume), 'seconds': seconds,
                      'megabytes': resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6, 'found': len(diameters)}))


def against_truth(truth, report):
    """Found share and false ones as score.py has them, and the bias at 4 to 5 voxels."""
    import score
    sweep = score.Sweep(truth, report, False)
    chosen = [i for i, t in enumerate(sweep.truths) if sweep.voxels(t) >= 4 and t['location'] in ('internal', 'near_surface')]
    errors = [(r['diameter_mm'] - t['diameter_mm']) / sweep.voxel for s, t, r in score.sized([sweep], 'pore') if s.voxels(t) < 5]
    bias = f'{np.mean(errors):+.2f} ± {np.std(errors):.2f} ({len(errors)})' if errors else '–'
    return f'  {sum(sweep.found(i) for i in chosen):4d}/{len(chosen):<4d} {len(sweep.false):6d}  {bias}'


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n\n')[0])
    parser.add_argument('scan', type=pathlib.Path)
    parser.add_argument('--truth', type=pathlib.Path)
    parser.add_argument('--reports', type=pathlib.Path)
    parser.add_argument('--spacing', type=lambda text: [float(v) for v in text.split(',')], default=[0.5, 0.5, 0.5], help='of TIFF slices')
    parser.add_argument('--write-tiff', type=pathlib.Path)
    parser.add_argument('--one', nargs=2, metavar=('RIVAL', 'REPORT'), help=argparse.SUPPRESS)    # the child's side
    options = parser.parse_args()
    if options.write_tiff:
        import tifffile
        options.write_tiff.mkdir(parents=True, exist_ok=True)
        for number, plane in enumerate(open_volume(options.scan)[0]):
            tifffile.imwrite(options.write_tiff / f'{number:05d}.tif', plane, metadata=None)
        return
    if options.one:
        run_one(options.one[0], options.scan, options.spacing, pathlib.Path(options.one[1]))
        return
    print(f'{"rival":14} slices/s  seconds     MB  components' + ('  d ≥ 4: found  false  bias at 4–5 voxels' if options.truth else ''))
    with tempfile.TemporaryDirectory() as scratch:
        for name in RIVALS:
            sweep = options.truth.parent.name if options.truth else options.scan.stem
            report = (options.reports or pathlib.Path(scratch)) / name / f'{sweep}.json'
            spacing = ','.join(map(str, options.spacing))
            child = subprocess.run([sys.executable, __file__, str(options.scan), '--spacing', spacing, '--one', name, str(report)],
                                   check=True, stdout=subprocess.PIPE, text=True)
            result = json.loads(child.stdout)
            print(f'{name:14} {result["slices"] / result["seconds"]:8.1f} {result["seconds"]:8.2f} {result["megabytes"]:6.0f} '
                  f'{result["found"]:11d}' + (against_truth(options.truth, report) if options.truth else ''))


if __name__ == '__main__':
    main()
