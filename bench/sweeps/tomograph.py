"""A parallel-beam CT scanner in numpy: from paths through material to grey values, one slice at a time.

Modelled: a polychromatic beam, the finite detector element and focal spot (across the rows and along z), scatter, photon noise, gain
errors of the elements (rings), filtered back projection without a beam-hardening correction (cupping). Not modelled: the cone. Each
slice is projected in its own plane, so there is no cone error and no smearing at flat faces.
"""
import numpy as np
import scipy.fft
import scipy.sparse

# Attenuation in 1/cm (NIST XCOM mass attenuation times density) at six lines; the weights are those of a 160 kV tube behind a copper
# filter, as an energy-integrating detector counts them: chosen for a cupping of 8 % in a bar of 8 cm of aluminium.
LINES_KEV = (40, 50, 60, 80, 100, 150)
WEIGHTS = np.array([0.02, 0.07, 0.20, 0.30, 0.25, 0.16])
ATTENUATION = {
    'aluminium': np.array([1.534, 0.9935, 0.750, 0.545, 0.460, 0.372]),
    'titanium': np.array([10.05, 5.51, 3.48, 1.84, 1.235, 0.749]),
    'iron': np.array([28.6, 15.4, 9.49, 4.69, 2.93, 1.546]),
    'copper': np.array([43.6, 23.4, 14.27, 6.84, 4.107, 1.986]),
}
SCATTER = 0.02      # of the beam that reaches the detector, spread widely
BATCH = 16          # slices back-projected together: enough to keep the matrix product busy


class Tomograph:
    def __init__(self, rays, width, voxel_mm, blur, window, slice_step, sub_slices, slice_blur, rings, bad, random):
        """The number of views is a multiple of 4. `blur` and `slice_blur`: sd in voxels of the focal spot's and scintillator's Gaussian, across and along z. `slice_step`:
        thickness of a slice in in-plane voxels, seen through `sub_slices` planes. `rings`: sd of the elements' gain errors;
        `bad` elements of the middle half are off by 2 % in every slice."""
        self.rays, self.width, self.voxel_cm = rays, width, voxel_mm / 10
        self.step, self.sub_slices = slice_step, sub_slices
        self.random = random
        self.bin_kernel = spread(rays.per_bin, blur)
        self.slice_kernel = spread(sub_slices, slice_blur / slice_step)
        self.rings = rings
        # Half of the error's variance belongs to the column in every row: a ring through all slices, the hard case.
        self.column_gain = random.normal(0, rings * np.sqrt(0.5), rays.bins)
        self.column_gain[random.choice(rays.bins // 2, bad, replace=False) + rays.bins // 4] += random.choice([-0.02, 0.02], bad)
        offset = np.arange(rays.bins)
        wide = np.exp(-0.5 * ((offset[:, None] - offset) / (rays.bins / 8)) ** 2)
        self.scatter = (SCATTER * wide / wide.sum(1, keepdims=True)).astype(np.float32)
        self.filter = ramp(rays.bins, window)
        self.back = back_projector(rays, width)

    def transmission(self, aluminium, others):
        """Share of the beam that passes, for paths in voxels: `others` maps a material's name to its paths."""
        total = np.zeros(aluminium.shape, np.float32)
        for line, weight in enumerate(WEIGHTS / WEIGHTS.sum()):
            exponent = aluminium * np.float32(-ATTENUATION['aluminium'][line] * self.voxel_cm)
            for name, path in others.items():
                exponent -= path * np.float32(ATTENUATION[name][line] * self.voxel_cm)
            np.exp(exponent, out=exponent)
            total += np.float32(weight) * exponent
        return total

    def beams(self, part, defects, slices):
        """For each slice, what the detector elements see of a beam of 1 (views × bins): the transmission, through the aperture of
        an element in both directions, with scatter."""
        rays, sub = self.rays, self.sub_slices
        shape = (len(rays.across), len(rays.t))
        reach = len(self.slice_kernel) // 2
        open_slices = {}
        previous = None
        for plane in range(-reach, slices * sub + reach):
            z_low = (plane / sub - 0.5) * self.step
            z_high = z_low + self.step / sub
            metal = part.path(rays, (z_low + z_high) / 2)
            here = [d for d in defects if d.centre[2] - d.half[2] < z_high and d.centre[2] + d.half[2] > z_low]
            if here or previous is None or previous[0] is not metal:
                path, others = metal, {}
                if here:
                    path = metal.copy()
                    for material in {d.material for d in here}:
                        removed = np.zeros(shape, np.float32)
                        for defect in here:
                            if defect.material == material:
                                defect.add_path(rays, z_low, z_high, removed)
                        path -= removed
                        if material is not None:
                            others[material] = removed
                light = self.transmission(path, others)
            else:
                light = previous[1]
            previous = (metal, light) if not here else None
            for index in range(max(0, (plane - reach) // sub), min(slices - 1, (plane + reach) // sub) + 1):
                offset = plane - (index * sub + sub // 2) + reach
                if 0 <= offset < len(self.slice_kernel) and self.slice_kernel[offset]:
                    weighted = np.float32(self.slice_kernel[offset]) * light
                    open_slices[index] = open_slices[index] + weighted if index in open_slices else weighted
            for index in sorted(i for i in open_slices if i * sub + sub // 2 + reach <= plane):
                yield self.binned(open_slices.pop(index))

    def binned(self, light):
        per_bin, kernel = self.rays.per_bin, self.bin_kernel
        reach = len(kernel) // 2
        padded = np.pad(light, ((0, 0), (reach - per_bin // 2, reach)), mode='edge')
        seen = sum(np.float32(weight) * padded[:, m:m + per_bin * self.rays.bins:per_bin] for m, weight in enumerate(kernel))
        return seen + seen @ self.scatter

    def counted(self, beam, photons):
        """The line integrals a scan of `photons` a beam yields: noise, and the gain errors of this slice's row of elements."""
        counts = np.maximum(self.random.poisson(beam * photons), 1)
        row_gain = self.random.normal(0, self.rings * np.sqrt(0.5), self.rays.bins)
        return -np.log(counts / photons * (1 + self.column_gain + row_gain)).astype(np.float32)

    def reconstruct(self, integrals):
        """Filtered back projection of slices × views × bins, in 1/voxel: slices × rows × columns."""
        count, views, bins = integrals.shape
        spectrum = scipy.fft.rfft(integrals, 2 * (len(self.filter) - 1), axis=2)
        filtered = scipy.fft.irfft(spectrum * self.filter, 2 * (len(self.filter) - 1), axis=2)[:, :, :bins]
        # The views of one eighth of a turn serve for four: the others see the grid transposed, mirrored, or both.
        quarter = views // 4
        groups = [filtered[:, :quarter], filtered[:, 2 * quarter - 1:quarter - 1:-1],
                  filtered[:, :3 * quarter - 1:-1], filtered[:, 2 * quarter:3 * quarter]]
        stacked = np.concatenate(groups).reshape(4 * count, quarter * bins)
        image = (self.back @ np.ascontiguousarray(stacked.T, np.float32)).T.reshape(4, count, self.width, self.width)
        flat = image[0] + image[1].transpose(0, 2, 1)
        flat += (image[2] + image[3].transpose(0, 2, 1))[:, :, ::-1]
        return flat * np.float32(np.pi / views)


def spread(samples, blur):
    """Weights of an aperture `samples` wide convolved with a Gaussian of sd `blur` apertures; odd length, around sample samples//2."""
    reach = int(np.ceil(samples * (0.5 + 3.5 * blur)))
    offset = np.arange(-reach, reach + 1) + (0.5 if samples % 2 == 0 else 0)
    box = np.abs(offset) < samples / 2
    if blur > 0:
        gauss = np.exp(-0.5 * ((offset[:, None] - offset) / (blur * samples)) ** 2)
        weights = (gauss * box).sum(1)
    else:
        weights = box.astype(float)
    return weights / weights.sum()


def ramp(bins, window):
    """The ramp filter (Kak & Slaney 1988, eq. 3.61, sampled in space so that the mean is right), under a window."""
    length = scipy.fft.next_fast_len(2 * bins, real=True)
    length += length % 2
    distance = np.minimum(np.arange(length), length - np.arange(length))
    kernel = np.where(distance % 2 == 1, -1 / (np.pi * np.maximum(distance, 1)) ** 2, 0)
    kernel[0] = 0.25
    frequency = np.arange(length // 2 + 1) / length
    shape = {'shepp-logan': np.sinc(frequency), 'hann': 0.5 + 0.5 * np.cos(2 * np.pi * frequency)}[window]
    return (scipy.fft.rfft(kernel).real * shape).astype(np.float32)


def back_projector(rays, width):
    """Linear interpolation between bins for the first quarter of the views, as a matrix pixels × (views·bins)."""
    quarter = len(rays.across) // 4
    axis = np.arange(width) - (width - 1) / 2
    x, y = np.tile(axis, width), np.repeat(axis, width)
    weights = np.empty((width * width, quarter, 2), np.float32)
    columns = np.empty((width * width, quarter, 2), np.int32)
    for view in range(quarter):
        position = x * rays.across[view, 0] + y * rays.across[view, 1] + (rays.bins - 1) / 2
        lower = np.floor(position).astype(np.int32)
        weights[:, view, 1] = position - lower
        weights[:, view, 0] = 1 - weights[:, view, 1]
        columns[:, view, 0] = view * rays.bins + lower
        columns[:, view, 1] = columns[:, view, 0] + 1
    starts = np.arange(width * width + 1) * (2 * quarter)
    return scipy.sparse.csr_matrix((weights.ravel(), columns.ravel(), starts), (width * width, quarter * rays.bins))
