"""MetaImage volumes: a text header (.mhd) beside the raw values (.raw)."""
import pathlib

import numpy as np

TYPES = {'MET_UCHAR': np.dtype('u1'), 'MET_USHORT': np.dtype('<u2')}


def write_header(path, size, spacing, dtype=TYPES['MET_USHORT']):
    """Writes `path`; the values belong into raw_of(path), x fastest."""
    name = next(name for name, kind in TYPES.items() if kind == dtype)
    numbers = lambda values: ' '.join(f'{value:g}' for value in values)
    path.write_text('ObjectType = Image\nNDims = 3\nBinaryData = True\nBinaryDataByteOrderMSB = False\nCompressedData = False\n'
                    f'Offset = 0 0 0\nElementSpacing = {numbers(spacing)}\nDimSize = {numbers(size)}\n'
                    f'ElementType = {name}\nElementDataFile = {raw_of(path).name}\n')


def raw_of(path):
    return path.with_suffix('.raw')


def open_volume(path):
    """The values, mapped, as slices × rows × columns, and the spacing (x, y, z). Only what write_header writes."""
    path = pathlib.Path(path)
    fields = dict(line.split(' = ', 1) for line in path.read_text().splitlines())
    size = [int(value) for value in fields['DimSize'].split()]
    values = np.memmap(path.parent / fields['ElementDataFile'], TYPES[fields['ElementType']], 'r', shape=tuple(reversed(size)))
    return values, [float(value) for value in fields['ElementSpacing'].split()]
