"""Solids, holes and defects whose X-ray paths are known in closed form, so that the truth of a phantom is exact.

Lengths are in in-plane voxels, with the rotation axis at x = y = 0 and slice 0 at z = 0. A ray of view θ lies in a plane of constant
z at distance t from the axis, t = x·cosθ + y·sinθ, and runs along s = −x·sinθ + y·cosθ.
"""
import numpy as np


class Rays:
    """All sub-rays of one plane: views × positions, with the two unit vectors of each view."""

    def __init__(self, views, width, per_bin):
        # Views lie half a step off the axes: the back projector uses four-fold symmetry, and no edge is exactly parallel to a ray.
        angle = (np.arange(views) + 0.5) * np.pi / views
        self.across = np.stack([np.cos(angle), np.sin(angle)], 1)
        self.along = np.stack([-np.sin(angle), np.cos(angle)], 1)
        self.bins = int(np.ceil(width * np.sqrt(2))) + 4
        self.per_bin = per_bin
        self.t = (np.arange(self.bins * per_bin) + 0.5) / per_bin - self.bins / 2
        self.rows = np.arange(views)[:, None]


class Disc:
    """A round bar or hole along z, between two planes."""

    def __init__(self, centre, radius, low=-np.inf, high=np.inf):
        self.centre, self.radius, self.low, self.high = np.asarray(centre, float), radius, low, high
        self.constant = True

    def chords(self, rays, z):
        off = rays.t - (rays.across @ self.centre)[:, None]
        return 2 * np.sqrt(np.maximum(self.radius ** 2 - off ** 2, 0))

    def interval(self, across, along, t):
        """Where the rays at `t` (views × any) enter and leave, measured along s."""
        half = np.sqrt(np.maximum(self.radius ** 2 - (t - (across @ self.centre)[:, None]) ** 2, 0))
        middle = (along @ self.centre)[:, None]
        return middle - half, middle + half

    def depth(self, points):
        """Signed distance to the surface, positive inside."""
        return within_planes(self.radius - np.hypot(*(points[:, :2] - self.centre).T), points[:, 2], self.low, self.high)


class Polygon:
    """A simple polygon (counter-clockwise) drawn along z between two planes; its corners may drift linearly with z."""

    def __init__(self, corners, drift=None, low=-np.inf, high=np.inf):
        self.corners = np.asarray(corners, float)
        self.drift = np.zeros_like(self.corners) if drift is None else np.asarray(drift, float)
        self.low, self.high = low, high
        self.constant = not self.drift.any()

    def at(self, z):
        return self.corners + self.drift * z

    def chords(self, rays, z):
        # The path through a polygon is linear in t between its corners: exact values at the corners, interpolated.
        corners = self.at(z)
        t, s = rays.across @ corners.T, rays.along @ corners.T
        t2, s2 = np.roll(t, -1, 1), np.roll(s, -1, 1)
        probe = t[:, :, None]
        crosses = (np.minimum(t, t2)[:, None] <= probe) & (probe < np.maximum(t, t2)[:, None])
        slope = (s2 - s) / np.where(t2 == t, 1, t2 - t)
        height = s[:, None] + slope[:, None] * (probe - t[:, None])
        path = np.where(crosses, -np.sign(t2 - t)[:, None] * height, 0).sum(2)
        order = np.argsort(t, 1)
        t, path = np.take_along_axis(t, order, 1), np.take_along_axis(path, order, 1)
        return np.stack([np.interp(rays.t, t[v], path[v], 0, 0) for v in range(len(t))])

    def interval(self, across, along, t):
        """For a convex polygon without drift."""
        low, high = np.full(t.shape, -np.inf), np.full(t.shape, np.inf)
        for p, q in zip(self.corners, np.roll(self.corners, -1, 0)):
            outward = np.array([q[1] - p[1], p[0] - q[0]])
            rate = (along @ outward)[:, None]
            limit = (outward @ p - t * (across @ outward)[:, None]) / rate
            high = np.where(rate > 0, np.minimum(high, limit), high)
            low = np.where(rate < 0, np.maximum(low, limit), low)
        return low, np.maximum(low, high)

    def depth(self, points):
        """Signed distance, positive inside. Measured within the plane: a drift of 1 in 10 makes 0.5 % of it."""
        corners = self.corners + self.drift * points[:, 2, None, None]
        edge = np.roll(corners, -1, 1) - corners
        offset = points[:, None, :2] - corners
        share = np.clip((offset * edge).sum(2) / (edge ** 2).sum(2), 0, 1)
        distance = np.linalg.norm(offset - share[..., None] * edge, axis=2).min(1)
        y, y0, y1 = points[:, None, 1], corners[..., 1], np.roll(corners, -1, 1)[..., 1]
        left = edge[..., 0] * offset[..., 1] - edge[..., 1] * offset[..., 0]
        turns = ((y0 <= y) & (y < y1) & (left > 0)).sum(1) - ((y1 <= y) & (y < y0) & (left < 0)).sum(1)
        return within_planes(np.where(turns != 0, distance, -distance), points[:, 2], self.low, self.high)


def within_planes(side, z, low, high):
    """Signed distance of a body along z from that of its outline and its two end planes."""
    end = np.minimum(z - low, high - z)
    outside = -np.hypot(np.minimum(side, 0), np.minimum(end, 0))
    return np.where((side < 0) | (end < 0), outside, np.minimum(side, end))


class Part:
    """Solids that don't touch, and holes that lie within them: signed paths then add up to the path through material."""

    def __init__(self, solids, holes):
        self.solids, self.holes = solids, holes
        self._kept = {}

    def path(self, rays, z):
        total, changed = 0, False
        key = tuple(shape.low < z < shape.high for shape in self.solids + self.holes)
        if key in self._kept:
            total = self._kept[key]
        else:
            for sign, shape, here in zip([1] * len(self.solids) + [-1] * len(self.holes), self.solids + self.holes, key):
                if shape.constant and here:
                    total = total + sign * shape.chords(rays, z)
            total = self._kept[key] = np.zeros((len(rays.across), len(rays.t)), np.float32) + np.asarray(total, np.float32)
        for sign, shape, here in zip([1] * len(self.solids) + [-1] * len(self.holes), self.solids + self.holes, key):
            if here and not shape.constant:
                total = total + (sign * shape.chords(rays, z)).astype(np.float32)
        return total

    def depth(self, points):
        """Distance to the nearest surface, positive in material."""
        inside = np.max([solid.depth(points) for solid in self.solids], 0)
        return np.min([inside] + [-hole.depth(points) for hole in self.holes], 0)


class Ellipsoid:
    """A defect. `semi` are its half axes along the columns of `turn`; `material` is None for a void."""

    def __init__(self, centre, semi, turn=np.eye(3), material=None):
        self.centre, self.semi, self.turn, self.material = np.asarray(centre, float), np.asarray(semi, float), turn, material
        self.form = turn @ np.diag(1 / self.semi ** 2) @ turn.T
        self.half = np.sqrt(np.diag(turn @ np.diag(self.semi ** 2) @ turn.T))    # half of its box
        self.clip = None    # (feature, whether the defect exists inside of it) where it breaks through a surface

    @property
    def volume(self):
        return 4 / 3 * np.pi * self.semi.prod()

    def surface(self, count=6000):
        return self.centre + (sunflower(count) * self.semi) @ self.turn.T

    def inside(self, count=60000):
        """Points that fill it evenly: a spiral on the sphere, with radii from a sequence that doesn't beat with it."""
        radius = ((np.arange(count) * 0.7548776662466927) % 1) ** (1 / 3)
        return self.centre + (sunflower(count) * radius[:, None] * self.semi) @ self.turn.T

    def add_path(self, rays, z_low, z_high, out):
        """Adds its path, averaged between two planes, to `out` (views × sub-rays)."""
        # Thin things need more samples than a sub-ray or a sub-slice gives: at least ten across the thinnest axis.
        step = 1 / rays.per_bin
        more = int(np.clip(np.ceil(step / (self.semi.min() / 5)), 1, 8))
        deep = int(np.clip(np.ceil((z_high - z_low) / (self.semi.min() / 5)), 1, 16))
        reach = np.hypot(*self.half[:2])
        middle = (rays.across @ self.centre[:2])[:, None]
        first = np.floor((middle - reach - rays.t[0]) / step).astype(int)
        columns = first + np.arange(int(np.ceil(2 * reach / step)) + 2)
        t = columns[..., None] * step + rays.t[0] + ((np.arange(more) + 0.5) / more - 0.5) * step
        tau = (t - middle[..., None]).reshape(len(first), -1)
        a, n = rays.along, rays.across
        form = self.form
        q_aa = np.einsum('vi,ij,vj->v', a, form[:2, :2], a)[:, None]
        q_an = np.einsum('vi,ij,vj->v', a, form[:2, :2], n)[:, None]
        q_nn = np.einsum('vi,ij,vj->v', n, form[:2, :2], n)[:, None]
        q_az, q_nz = (a @ form[:2, 2])[:, None], (n @ form[:2, 2])[:, None]
        total = np.zeros_like(tau)
        for zeta in z_low + (np.arange(deep) + 0.5) / deep * (z_high - z_low) - self.centre[2]:
            b = tau * q_an + zeta * q_az
            c = tau ** 2 * q_nn + 2 * tau * zeta * q_nz + zeta ** 2 * form[2, 2] - 1
            root = np.sqrt(np.maximum(b ** 2 - q_aa * c, 0)) / q_aa
            if self.clip is None:
                total += 2 * root
            else:
                feature, keep_inside = self.clip
                own = (a @ self.centre[:2])[:, None] - b / q_aa
                low, high = feature.interval(n, a, tau + middle)
                shared = np.maximum(np.minimum(own + root, high) - np.maximum(own - root, low), 0)
                total += shared if keep_inside else 2 * root - shared
        out[rays.rows, columns] += total.reshape(*columns.shape, more).mean(2) / deep


def sunflower(count):
    """Even points on the unit sphere (Fibonacci lattice)."""
    index = np.arange(count) + 0.5
    z, turn = 1 - 2 * index / count, np.pi * (1 + np.sqrt(5)) * index
    ring = np.sqrt(1 - z ** 2)
    return np.stack([ring * np.cos(turn), ring * np.sin(turn), z], 1)
