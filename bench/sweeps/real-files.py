#!/usr/bin/env python3
"""Compares what saccade reads from DICOM files by others with what pydicom reads.

Every file that comes with pydicom (and those of pydicom-data, where it is installed) is either read with the same
values, slice by slice as float32, or refused for a reason that pydicom's own view of the file confirms. Then the
files are cut short and have bytes changed, with fixed seeds: nothing may crash or hang. Ends with 1 on a mismatch.

    python3 -m venv .venv && .venv/bin/pip install pydicom pydicom-data numpy pillow \\
        pylibjpeg pylibjpeg-libjpeg pylibjpeg-openjpeg pylibjpeg-rle python-gdcm
    swift build -c release --product SaccadeSlices && swift build -c release --product slice-dump
    .venv/bin/python bench/sweeps/real-files.py [--damage 2000] [--dump .build/release/slice-dump]
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import warnings

import numpy
import pydicom
from pydicom.data import get_testdata_files
from pydicom.pixels import pixel_array

warnings.simplefilter("ignore")
pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE


def files():
    found = {path for path in get_testdata_files() if not path.endswith((".json", ".txt", ".dump", ".gz", ".icc"))}
    try:
        import data_store  # of pydicom-data

        folder = os.path.join(os.path.dirname(data_store.__file__), "data")
        found.update(os.path.join(folder, name) for name in os.listdir(folder) if name.endswith(".dcm"))
    except ImportError:
        print("pydicom-data is not installed: its files are left out")
    return sorted(path for path in found if os.path.isfile(path) and not path.endswith((".py", ".pyc")))


def dump(tool, path, values):
    """The lines that slice-dump prints, and how it ended."""
    run = subprocess.run([tool, "--values", values, path], capture_output=True, text=True, timeout=60)
    return [json.loads(line) for line in run.stdout.splitlines()], run.returncode, run.stderr


def rescale(data, frame):
    """Slope, intercept and type of a frame, from wherever the file has them."""
    places = [data]
    for name in "SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence":
        groups = data.get(name)
        if groups:
            item = groups[0] if name.startswith("Shared") else groups[frame]
            places += list(item.get("PixelValueTransformationSequence") or [])
    slope, intercept, kind = 1.0, 0.0, None
    for place in places:
        if "RescaleSlope" in place or "RescaleIntercept" in place:
            slope, intercept = float(place.get("RescaleSlope", 1)), float(place.get("RescaleIntercept", 0))
            kind = place.get("RescaleType") or ""
    return slope, intercept, kind


def expected(data, raw, frame):
    slope, intercept, kind = rescale(data, frame)
    raw = raw.astype(numpy.float64)
    is_hounsfield = data.get("Modality") == "CT" and kind in ("", "HU")
    if data.get("PhotometricInterpretation") == "MONOCHROME1" and not is_hounsfield and "PixelData" in data:
        raw = (-1 if data.PixelRepresentation else 2**data.BitsStored - 1) - raw
    return (raw * slope + intercept).astype(numpy.float32)


PLUGINS = ["pylibjpeg", "gdcm", "pillow"]


# Files that pydicom's decoders don't read, and those whose values they should have: of JPEG-lossy.dcm the scan header is
# wrong in a way that other software passes over, and of the second file only what comes after the last frame is lost.
SIBLINGS = {
    "JPEG-lossy.dcm": "JPGExtended.dcm",
    "emri_small_jpeg_2k_lossless_too_short.dcm": "emri_small.dcm",
}

# Decoders of JPEG's cosine transform may round differently (ITU-T T.83): one step of the samples.
ROUNDED = {"1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51"}


def decoded(data):
    """The frames as pydicom's decoders give them: those of all that can."""
    syntax = data.file_meta.get("TransferSyntaxUID") if hasattr(data, "file_meta") else None
    results, error = [], None
    for plugin in PLUGINS if syntax and syntax.is_encapsulated else [""]:
        try:
            array = pixel_array(data, decoding_plugin=plugin) if hasattr(data, "file_meta") else data.pixel_array
        except Exception as problem:  # whatever a decoder finds wrong
            error = error or problem
            continue
        frames = int(data.get("NumberOfFrames") or 1)
        results.append((plugin, array.reshape((frames,) + array.shape[-2:]) if array.ndim >= 2 else array))
    return results, error


def reason_to_refuse(path):
    """Why pydicom says that a file holds no sweep of numbers; None where it holds one."""
    if os.path.getsize(path) == 0:
        return "empty"
    try:
        data = pydicom.dcmread(path)
    except Exception as problem:
        try:
            data = pydicom.dcmread(path, force=True)
        except Exception:
            return f"not DICOM ({type(problem).__name__})"
        if not any(name in data for name in ("PixelData", "FloatPixelData", "DoubleFloatPixelData")):
            return f"not DICOM ({type(problem).__name__})"
    if not any(name in data for name in ("PixelData", "FloatPixelData", "DoubleFloatPixelData")):
        return "no pixels"
    if data.get("SamplesPerPixel", 1) != 1:
        return "colour"
    if data.get("PhotometricInterpretation") == "PALETTE COLOR":
        return "palette"
    if "ModalityLUTSequence" in data:
        return "lookup table"
    results, error = decoded(data)
    if not results:
        return f"pydicom can't either ({str(error).splitlines()[0][:60]})"
    return None


def judge(tool, path, values):
    """(verdict, text) for one file: exact, rounded, refused, or WRONG."""
    lines, code, errors = dump(tool, path, values)
    if code < 0 or not lines:
        return "WRONG", f"ended with {code}: {errors[-200:]}"
    faults = [line["fault"] for line in lines if "fault" in line]
    why = reason_to_refuse(path)
    if faults:
        text = faults[0].removeprefix(path + ": ").replace("\n", " ")
        return ("refused", f"{text} [{why}]") if why else ("WRONG", f"refused: {text}")
    head = lines[0]
    missing = [line for line in lines if "missing" in line]
    if missing:
        return "WRONG", f"missing: {missing[0]['reason']}"
    sibling = SIBLINGS.get(os.path.basename(path))
    if why and not sibling:
        return "WRONG", f"read, and pydicom says: {why}"
    if sibling:
        path = next(other for other in files() if os.path.basename(other) == sibling)
    try:
        data = pydicom.dcmread(path)
    except Exception:
        data = pydicom.dcmread(path, force=True)
    got = numpy.fromfile(values, dtype=numpy.float32).reshape(-1, head["height"], head["width"])
    sources = [line["source"] for line in lines if "slice" in line]
    results, _ = decoded(data)
    frames = int(data.get("NumberOfFrames") or 1)
    if len(got) != frames:
        return "WRONG", f"{len(got)} slices of {frames} frames"
    verdicts = []
    for plugin, raw in results:
        worst, share = 0.0, 0.0
        for value, source in zip(got, sources):
            frame = int(source.rsplit("#", 1)[1]) - 1 if frames > 1 else 0
            want = expected(data, raw[frame], frame)
            if not numpy.array_equal(value, want, equal_nan=True):
                steps = numpy.abs(value.astype(float) - want) / abs(rescale(data, frame)[0] or 1)
                worst, share = max(worst, float(numpy.nanmax(steps))), float(numpy.mean(steps > 0))
                worst = worst or float("nan")
        verdicts.append((worst, share, plugin))
    best, share, plugin = min(verdicts)
    text = f"{head['format']}, {frames} x {head['width']} x {head['height']}"
    if sibling:
        text += f" [as {sibling}; pydicom: {why}]"
    others = [f"{name} differs by {worst:g}" for worst, _, name in verdicts if worst != best]
    text += f" [{', '.join(others)}]" if others else ""
    if best == 0:
        return "exact", text
    if best <= 1 and data.file_meta.TransferSyntaxUID in ROUNDED:
        return "rounded", f"{text}: one step from {plugin} in {share:.1%} of the pixels"
    return "WRONG", f"{text}: {best:g} steps from {plugin or 'pydicom'}"


def precisions(tool, folder):
    """JPEG 2000 of every precision and sign, made by pylibjpeg-openjpeg, and with the header saying the other sign:
    (how many there were, how many came out other than pydicom has them)."""
    from openjpeg.utils import encode_array
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.encaps import encapsulate
    from pydicom.uid import CTImageStorage, JPEG2000Lossless

    dice = numpy.random.default_rng(1)
    count, bad = 0, 0
    path, values = os.path.join(folder, "made.dcm"), os.path.join(folder, "values")
    for bits in range(2, 17):
        for is_signed in False, True:
            low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if is_signed else (0, (1 << bits) - 1)
            array = dice.integers(low, high + 1, (32, 48))
            array[0, :2] = low, high
            array = array.astype(f"{'i' if is_signed else 'u'}{1 if bits <= 8 else 2}")
            stream = encode_array(array, bits_stored=bits)
            for representation in 0, 1:
                data = Dataset()
                data.file_meta = FileMetaDataset()
                data.file_meta.TransferSyntaxUID = JPEG2000Lossless
                data.SOPClassUID = data.file_meta.MediaStorageSOPClassUID = CTImageStorage
                data.SOPInstanceUID = data.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
                data.SeriesInstanceUID = "1.2"
                data.Modality, data.PhotometricInterpretation, data.SamplesPerPixel = "CT", "MONOCHROME2", 1
                data.Rows, data.Columns = array.shape
                data.BitsAllocated, data.BitsStored, data.HighBit = 8 * array.itemsize, bits, bits - 1
                data.PixelRepresentation = representation
                data.PixelData = encapsulate([stream])
                data.save_as(path, enforce_file_format=True)
                dump(tool, path, values)
                got = numpy.fromfile(values, dtype=numpy.float32)
                count += 1
                if not numpy.array_equal(got, pixel_array(data).ravel().astype(numpy.float32)):
                    bad += 1
                    print(f"WRONG    JPEG 2000, {bits} bits, signed {is_signed}, header {representation}")
    print(f"{count} JPEG 2000 files of 2 to 16 bits: {count - bad} exact")
    return bad


def damage(tool, paths, read, runs):
    """Cuts and changes files, more often those that can be read; returns how many runs ended other than they may."""
    bad, reads = 0, 0
    batch = 20
    with tempfile.TemporaryDirectory() as folder:
        seed = 0
        while seed < runs:
            names = []
            for seed in range(seed, min(seed + batch, runs)):
                dice = random.Random(seed)
                path = dice.choice(read if read and dice.random() < 0.75 else paths)
                with open(path, "rb") as file:
                    data = bytearray(file.read())
                if seed % 2 == 0 and len(data) > 140:
                    del data[dice.randrange(132, len(data)):]
                else:
                    # Many changes where the header is, the others mostly in the pixels.
                    reach = len(data) if dice.random() < 0.6 else min(len(data), 4000)
                    for _ in range(dice.choice([1, 2, 4, 16, 64])):
                        data[dice.randrange(min(128, reach - 1), reach)] = dice.randrange(256)
                name = os.path.join(folder, f"{seed}-{os.path.basename(path)}")
                with open(name, "wb") as file:
                    file.write(data)
                names.append(name)
            seed += 1
            try:
                run = subprocess.run([tool, *names], capture_output=True, text=True, timeout=120)
                reads += run.stdout.count('"end"')
                failed = run.returncode not in (0, 1)
            except subprocess.TimeoutExpired:
                failed = True
            if failed:
                # Which of them it was.
                for name in names:
                    try:
                        code = subprocess.run([tool, name], capture_output=True, timeout=30).returncode
                    except subprocess.TimeoutExpired:
                        code = "hang"
                    if code not in (0, 1):
                        bad += 1
                        print(f"  {os.path.basename(name)}: ended with {code}")
            for name in names:
                os.remove(name)
    print(f"{runs} damaged files: {bad} ended in a crash or a hang, {reads} were read")
    return bad


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    options = argparse.ArgumentParser()
    options.add_argument("--dump", default=os.path.join(here, "../../.build/release/slice-dump"))
    options.add_argument("--damage", type=int, default=2000, help="damaged files to try")
    options.add_argument("--only", default="", help="files whose name has this")
    chosen = options.parse_args()
    paths = [path for path in files() if chosen.only in path]
    counts, read = {}, []
    with tempfile.TemporaryDirectory() as folder:
        for path in paths:
            verdict, text = judge(chosen.dump, path, os.path.join(folder, "values"))
            counts[verdict] = counts.get(verdict, 0) + 1
            if verdict != "refused" and "uncompressed" not in text:
                read.append(path)
            name = os.sep.join(path.split(os.sep)[-3:]) if "dicomdirtests" in path else os.path.basename(path)
            print(f"{verdict:8} {name:44} {text}")
    print(f"{len(paths)} files: " + ", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items())))
    with tempfile.TemporaryDirectory() as folder:
        wrong = precisions(chosen.dump, folder)
    bad = damage(chosen.dump, paths, read, chosen.damage) if chosen.damage else 0
    sys.exit(1 if bad or wrong or counts.get("WRONG") else 0)


if __name__ == "__main__":
    main()
