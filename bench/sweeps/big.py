#!/usr/bin/env python3
"""Makes a long sweep of 512×512 slices, 16-bit, quickly: for speed and memory, not for accuracy in hard cases (phantom.py is for that).

usage: big.py OUT.mhd --slices N [--dicom DIR] [--seed N]      writes OUT.mhd, OUT.raw and truth.json beside them

Drawn in the image: a bar with a bore, cupping, noise with the grain of a filtered back projection, and one pore in two slices or so,
each the exact convolution of a ball with a Gaussian. --dicom adds the same slices as an uncompressed DICOM series, whose names are
not in the order of the slices.
"""
import argparse
import json
import pathlib

import numpy as np
from scipy.ndimage import gaussian_filter
from scipy.special import erf

from volumes import raw_of, write_header

WIDTH, VOXEL_MM = 512, 0.5
AIR, CONTRAST, NOISE, CUPPING = 8000, 20000, 0.05, 0.08
SIGMA = 0.8                     # voxels: sd of the point spread
CENTRE, RADIUS = np.array([250.0, 262.0]), 200.0
BORE, BORE_RADIUS = np.array([290.0, 240.0]), 30.0
GRAINS = 4                      # noise pictures; each slice takes one, shifted and mirrored at random


def ball(distance, radius):
    """A ball of value 1 convolved with a Gaussian of sd SIGMA, at a distance from its centre."""
    r, root = np.maximum(distance, 1e-6), np.sqrt(2) * SIGMA
    peaks = np.exp(-((r - radius) / root) ** 2) - np.exp(-((r + radius) / root) ** 2)
    return 0.5 * (erf((radius + r) / root) + erf((radius - r) / root)) - SIGMA / np.sqrt(2 * np.pi) / r * peaks


def grain(random):
    """White noise without its low frequencies and with its highest damped, of sd 1, as a ramp under a window leaves it."""
    white = random.normal(size=(WIDTH, WIDTH))
    texture = gaussian_filter(white, 0.6, mode='wrap') - gaussian_filter(white, 2.5, mode='wrap')
    return (texture / texture.std()).astype(np.float32)


def place(random, slices):
    """Balls well apart, whole and inside: rows of x, y, z and radius, in voxels, by z."""
    kept = np.empty((0, 4))
    while len(kept) < slices // 2:
        radius = np.exp(random.uniform(np.log(3), np.log(12))) / 2
        x, y = random.uniform(-RADIUS, RADIUS, 2) + CENTRE
        z = random.uniform(radius + 3, slices - 4 - radius)
        clear = RADIUS - np.hypot(x - CENTRE[0], y - CENTRE[1]) > radius + 4
        clear = clear and np.hypot(x - BORE[0], y - BORE[1]) - BORE_RADIUS > radius + 4
        if clear and (np.linalg.norm(kept[:, :3] - [x, y, z], axis=1) > kept[:, 3] + radius + 7).all():
            kept = np.vstack([kept, [x, y, z, radius]])
    return kept[np.argsort(kept[:, 2])]


def truth(balls, slices, seed):
    defects = []
    for number, (x, y, z, radius) in enumerate(balls):
        gap = min(RADIUS - np.hypot(x - CENTRE[0], y - CENTRE[1]), np.hypot(x - BORE[0], y - BORE[1]) - BORE_RADIUS) - radius
        where, diameter = [x * VOXEL_MM, y * VOXEL_MM, z * VOXEL_MM], 2 * radius * VOXEL_MM
        defects.append({'id': number, 'kind': 'pore', 'shape': 'sphere', 'centre_mm': where, 'centroid_mm': where,
                        'axes_mm': [diameter] * 3, 'directions': np.eye(3).tolist(), 'diameter_mm': diameter, 'feret_mm': diameter,
                        'volume_mm3': np.pi / 6 * diameter ** 3, 'gap_mm': gap * VOXEL_MM, 'touching': [], 'location': 'internal'})
    return {'kind': 'big', 'seed': seed, 'spacing_mm': [VOXEL_MM] * 3, 'size': [WIDTH, WIDTH, slices], 'noise': NOISE, 'features': [],
            'defects': defects}


def planes(balls, slices, random):
    """The slices, one after the other."""
    y, x = np.mgrid[:WIDTH, :WIDTH].astype(np.float32)
    edge = lambda distance: 0.5 * (1 + erf(distance / (np.sqrt(2) * SIGMA)))
    out = np.hypot(x - CENTRE[0], y - CENTRE[1])
    part = edge(RADIUS - out) * edge(np.hypot(x - BORE[0], y - BORE[1]) - BORE_RADIUS)
    part = (CONTRAST * part * (1 - CUPPING * np.clip(1 - (out / RADIUS) ** 2, 0, 1)) + AIR).astype(np.float32)
    grains = [grain(random) * np.float32(NOISE * CONTRAST) for _ in range(GRAINS)]
    for k in range(slices):
        plane = part.copy()
        for bx, by, bz, radius in balls[np.abs(balls[:, 2] - k) < balls[:, 3] + 5 * SIGMA]:
            reach = int(radius + 5 * SIGMA) + 1
            rows, columns = slice(int(by) - reach, int(by) + reach + 1), slice(int(bx) - reach, int(bx) + reach + 1)
            distance = np.sqrt((x[rows, columns] - bx) ** 2 + (y[rows, columns] - by) ** 2 + (k - bz) ** 2)
            plane[rows, columns] -= (plane[rows, columns] - AIR) * ball(distance, radius)
        noise = grains[random.integers(GRAINS)]
        if random.integers(2):
            noise = noise[:, ::-1]
        plane += np.roll(noise, tuple(random.integers(WIDTH, size=2)), (0, 1))
        yield np.clip(np.rint(plane), 0, 65535).astype('<u2')


def dicom_writer(folder, seed):
    """A function (slice number, plane) that writes one file of an uncompressed CT series."""
    import pydicom
    from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid
    folder.mkdir(parents=True, exist_ok=True)
    uid = lambda *what: generate_uid(entropy_srcs=['saccade bench big.py', str(seed), *map(str, what)])

    def write(k, plane):
        data = pydicom.Dataset()
        data.file_meta = pydicom.dataset.FileMetaDataset()
        data.file_meta.MediaStorageSOPClassUID = data.SOPClassUID = CTImageStorage
        data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID = uid('image', k)
        data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        data.StudyInstanceUID, data.SeriesInstanceUID, data.FrameOfReferenceUID = uid('study'), uid('series'), uid('frame')
        data.Modality, data.PatientName, data.PatientID = 'CT', 'Phantom^Big', 'big'
        data.StudyDate = data.StudyTime = data.AccessionNumber = data.StudyID = data.ReferringPhysicianName = ''
        data.SeriesNumber, data.InstanceNumber = 1, k + 1
        data.ImagePositionPatient, data.ImageOrientationPatient = [0, 0, k * VOXEL_MM], [1, 0, 0, 0, 1, 0]
        data.PixelSpacing, data.SliceThickness = [VOXEL_MM, VOXEL_MM], VOXEL_MM
        data.Rows = data.Columns = WIDTH
        data.SamplesPerPixel, data.PhotometricInterpretation = 1, 'MONOCHROME2'
        data.BitsAllocated = data.BitsStored = 16
        data.HighBit, data.PixelRepresentation = 15, 0
        data.RescaleSlope, data.RescaleIntercept = 1, 0
        data.PixelData = plane.tobytes()
        # A bijection of 0…99999 (7919 is prime to 10): the order of the names tells nothing.
        data.save_as(folder / f'{k * 7919 % 100000:05d}.dcm', enforce_file_format=True)
    return write


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n\n')[0])
    parser.add_argument('out', type=pathlib.Path)
    parser.add_argument('--slices', type=int, required=True)
    parser.add_argument('--dicom', type=pathlib.Path)
    parser.add_argument('--seed', type=int, default=1)
    options = parser.parse_args()
    if not 30 <= options.slices <= 100000:
        parser.error('between 30 and 100000 slices')
    random = np.random.default_rng(options.seed)
    balls = place(random, options.slices)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    (options.out.parent / 'truth.json').write_text(json.dumps(truth(balls, options.slices, options.seed)) + '\n')
    write_dicom = dicom_writer(options.dicom, options.seed) if options.dicom else lambda k, plane: None
    with open(raw_of(options.out), 'wb') as raw:
        for k, plane in enumerate(planes(balls, options.slices, random)):
            raw.write(plane.tobytes())
            write_dicom(k, plane)
    write_header(options.out, [WIDTH, WIDTH, options.slices], [VOXEL_MM] * 3)


if __name__ == '__main__':
    main()
