"""The scanned parts of each kind of sweep, and the defects in them, drawn from a seed."""
import numpy as np

from shapes import Disc, Ellipsoid, Part, Polygon

APART = 6.5     # voxels between defects: what one is measured over (two voxels around it) must not hold the next
NEAR = 2.0      # voxels: closer to a surface is near-surface

KINDS = ('pores', 'pores-z25', 'limit', 'empty', 'inclusions', 'cracks', 'parts', 'casting')
WIDTH = {'pores': 224, 'pores-z25': 224, 'limit': 224, 'empty': 224, 'inclusions': 192, 'cracks': 256, 'parts': 256, 'casting': 112}
SLICES = {'pores': 140, 'pores-z25': 80, 'limit': 140, 'empty': 140, 'inclusions': 120, 'cracks': 160, 'parts': 200, 'casting': 64}


class Scene:
    """A part and its defects. All lengths in in-plane voxels; `step` is the distance of slices in them."""

    def __init__(self, kind, seed):
        self.kind, self.width, self.slices = kind, WIDTH[kind], SLICES[kind]
        self.step = 2.5 if kind == 'pores-z25' else 1.0
        self.low, self.high = -0.5 * self.step, (self.slices - 0.5) * self.step
        self.random = np.random.default_rng([seed, KINDS.index(kind), 0])
        self.features = []      # holes of the part that end in it or open sideways: a void, but no defect
        self.defects, self.labels = [], []
        self.part = self.shaped() if kind == 'parts' else self.bored(seed)
        getattr(self, 'fill_' + kind.replace('-', '_'))()

    # ---- parts

    def bored(self, seed):
        """A bar (odd seeds) or a block with cut corners (even ones), off the axis, with a bore through all slices."""
        random, width = self.random, self.width
        centre = random.uniform(-6, 6, 2)
        bore = Disc(centre + random.uniform(-0.1, 0.1, 2) * width, random.uniform(0.05, 0.09) * width)
        if seed % 2:
            return Part([Disc(centre, 0.37 * width)], [bore])
        a, b, cut = 0.34 * width, 0.26 * width, 0.06 * width
        outline = [(a - cut, -b), (a, cut - b), (a, b - cut), (a - cut, b), (cut - a, b), (-a, b - cut), (-a, cut - b), (cut - a, -b)]
        return Part([Polygon(turned(outline, random.uniform(0, np.pi)) + centre)], [bore])

    def shaped(self):
        """An angle profile with ribs and walls that thicken along z, ending within the sweep; a bar and a block beside it that run
        through. Traps: concave corners, slices without the profile, a bore, two blind holes and a slot in the outer wall."""
        random = self.random
        angle, shift = random.uniform(0, 2 * np.pi), np.array([-62.0, -58.0]) + random.uniform(-3, 3, 2)
        place = lambda points: turned(np.asarray(points, float) + shift, angle)
        length, height, wall = 136, 126, 30
        thicken = random.uniform(0.05, 0.09)     # voxels a slice
        corners = [((0, 0), (0, 0)), ((length, 0), (0, 0)), ((length, wall), (0, 1)),
                   ((98, wall), (0, 1)), ((98, wall + 20), (0, 1)), ((88, wall + 20), (0, 1)), ((88, wall), (0, 1)),
                   ((wall, wall), (1, 1)),
                   ((wall, 80), (1, 0)), ((wall + 16, 82), (1, 0)), ((wall + 16, 90), (1, 0)), ((wall, 94), (1, 0)),
                   ((wall, height), (1, 0)), ((0, height), (0, 0))]
        low, high = self.low + 12, self.high - 14
        drift = turned(np.array([d for _, d in corners], float) * thicken, angle)
        profile = Polygon(place([c for c, _ in corners]), drift, low, high)
        bar = Disc(place([(92, 98)])[0], 18)
        block = Polygon(place([(116, 68), (136, 68), (136, 92), (116, 92)]))
        bore = Disc(place([(17, 17)])[0], 8, low, high)
        upper = Disc(place([(118, 15)])[0], 6, low + 0.6 * (high - low), high)
        lower = Disc(place([(15, 108)])[0], 5, low, low + 0.4 * (high - low))
        slot = Polygon(place([(52, 0), (62, 0), (62, 13), (52, 13)]), None, low + 0.35 * (high - low), low + 0.6 * (high - low))
        self.features = [('blind_hole', upper), ('blind_hole', lower), ('slot', slot)]
        return Part([profile, bar, block], [bore, upper, lower, slot])

    # ---- defects

    def fill_pores(self):
        random = self.random
        for diameter in log_uniform(random, 2, 14, 48):
            self.add('pore', self.rounded(diameter), 'internal')
        for diameter in random.uniform(4, 9, 6):
            self.add('pore', (diameter,) * 3, 'near_surface')
        for diameter in random.uniform(5, 10, 4):
            self.add('pore', (diameter,) * 3, 'surface_breaking')
        for end in (self.low, self.high):
            for diameter in random.uniform(5, 10, 2):
                self.add('pore', (diameter,) * 3, 'truncated', end)
        for diameter in random.uniform(5, 9, 3):
            self.add_pair(diameter, random.uniform(4.5, diameter))

    fill_pores_z25 = fill_pores

    def fill_limit(self):
        random = self.random    # voxels of 0.5 mm: the limit of 2 mm is 4 voxels
        for diameter in random.uniform(3.2, 4.8, 50):
            self.add('pore', self.rounded(diameter), 'internal')
        for diameter in log_uniform(random, 2, 8, 30):
            self.add('pore', self.rounded(diameter), 'internal')

    def fill_empty(self):
        pass

    def fill_inclusions(self):
        random = self.random
        for diameter in random.uniform(3, 10, 18):
            material = random.choice(['titanium', 'iron', 'copper'])
            self.add('inclusion', self.rounded(diameter), 'internal', material=str(material))
        for diameter in random.uniform(4, 8, 3):
            self.add('inclusion', (diameter,) * 3, 'near_surface', material='iron')
        for diameter in random.uniform(4, 8, 6):
            self.add('pore', (diameter,) * 3, 'internal')

    def fill_cracks(self):
        random = self.random
        for _ in range(12):
            long = log_uniform(random, 12, 40, 1)[0]
            self.add('crack', (long, long * random.uniform(0.6, 1), random.uniform(0.8, 2)), 'internal')
        for short in random.uniform(4, 7, 10):
            self.add('pore', (short * random.uniform(1.8, 3.5), short * random.uniform(1, 1.2), short), 'internal')

    def fill_parts(self):
        random = self.random
        for diameter in log_uniform(random, 3, 9, 26):
            self.add('pore', self.rounded(diameter), 'internal')
        for diameter in random.uniform(4, 7, 4):
            self.add('pore', (diameter,) * 3, 'near_surface')

    def fill_casting(self):
        """The sample of the repository: a little of everything."""
        random = self.random
        self.add('crack', (18, 13, 1.6), 'internal')
        self.add('inclusion', (5,) * 3, 'internal', material='titanium')
        for diameter in log_uniform(random, 2.5, 7, 10):
            self.add('pore', self.rounded(diameter), 'internal')
        self.add('pore', (5,) * 3, 'near_surface')

    def rounded(self, diameter):
        """Axes of a sphere, or for a third of them of a mild ellipsoid of the same volume."""
        if self.random.random() > 1 / 3:
            return (diameter,) * 3
        axes = np.array([self.random.uniform(1.1, 1.5), self.random.uniform(1, 1.1), 1])
        return tuple(axes * diameter / axes.prod() ** (1 / 3))

    # ---- placing

    def add(self, kind, axes, location, end=None, material=None, tries=400):
        """Places a defect where it fits; `end`: the plane that cuts a truncated one. Fails loudly when the part is full."""
        random, semi = self.random, np.array(axes) / 2
        round_one = np.ptp(semi) == 0
        for _ in range(tries):
            points = self.candidates(2000, semi.max(), end)
            depth = self.part.depth(points) - semi.max()
            if location == 'near_surface':
                points = points[(depth > 1) & (depth < NEAR)]
            elif location == 'surface_breaking':
                points = points[(depth < -0.5 * semi.max()) & (depth > -1.3 * semi.max())]
            else:
                points = points[depth > NEAR + 0.5 if round_one else depth > NEAR + 0.5 - 0.8 * np.ptp(semi)]
            for point in points:
                body = Ellipsoid(point, semi, np.eye(3) if round_one else rotation(random), material)
                if not self.clear_of_others(body):
                    continue
                if location == 'surface_breaking' and not self.break_through(body):
                    continue
                if not round_one and self.part.depth(body.surface(500)).min() < NEAR + 0.3:
                    continue
                self.defects.append(body)
                self.labels.append({'kind': kind, 'location': location, 'touching': []})
                return body
        raise SystemExit(f'{self.kind}: no room for a {location} {kind} of {axes} voxels')

    def candidates(self, count, radius, end):
        """Centres in the grid: whole within the sweep, or cut by its end plane at between a quarter and three quarters."""
        random = self.random
        points = random.uniform(-0.5, 0.5, (count, 3)) * [0.95 * self.width, 0.95 * self.width, 0]
        if end is None:
            points[:, 2] = random.uniform(self.low + radius + 1.5 * self.step, self.high - radius - 1.5 * self.step, count)
        else:
            points[:, 2] = end + random.uniform(-0.5, 0.5, count) * radius
        return points

    def clear_of_others(self, body):
        """By their boxes' balls first, then by points on the surface of the longer one."""
        apart = max(APART, 2.6 * self.step)
        for other in self.defects:
            centres = np.linalg.norm(body.centre - other.centre)
            if centres > body.semi.max() + other.semi.max() + apart:
                continue
            if np.ptp(body.semi) == 0 and np.ptp(other.semi) == 0:
                return False
            gaps = np.linalg.norm(body.surface(400)[:, None] - other.surface(400), axis=2)
            if gaps.min() < apart + 0.5 or centres < max(body.semi.min(), other.semi.min()):
                return False
        return True

    def break_through(self, body):
        """Cuts a defect by the one surface that it crosses; refuses it where it crosses two, or a face across z."""
        points = body.surface(400)
        crossed = [(shape, shape in self.part.solids) for shape in self.part.solids + self.part.holes
                   if 0.05 < (shape.depth(points) > 0).mean() < 0.95]
        if len(crossed) != 1 or self.part.depth(body.centre[None])[0] < -0.2 * body.semi.max():
            return False
        body.clip = crossed[0]
        return True

    def add_pair(self, first, second):
        """Two spheres that touch, or are up to 0.3 voxels apart: one component in any scan."""
        for _ in range(400):
            a = self.add('pore', (first,) * 3, 'internal')
            for way in self.random.normal(size=(20, 3)):
                distance = (first + second) / 2 + self.random.uniform(0, 0.3)
                b = Ellipsoid(a.centre + way / np.linalg.norm(way) * distance, np.full(3, second / 2))
                self.defects.remove(a)
                fits = (self.clear_of_others(b) and self.part.depth(b.centre[None])[0] - second / 2 > NEAR + 0.5
                        and self.low + 1.5 * self.step < b.centre[2] - second / 2
                        and b.centre[2] + second / 2 < self.high - 1.5 * self.step)
                self.defects.append(a)
                if fits:
                    self.defects.append(b)
                    self.labels[-1]['touching'] = [len(self.defects) - 1]
                    self.labels.append({'kind': 'pore', 'location': 'internal', 'touching': [len(self.defects) - 2]})
                    return
            self.defects.pop(), self.labels.pop()
        raise SystemExit(f'{self.kind}: no room for a pair of {first} and {second} voxels')

    # ---- truth

    def truth(self, seed, noise, voxel_mm):
        """The truth in millimetres; the centre of voxel (i, j, k) lies at (i·sx, j·sy, k·sz)."""
        corner = np.array([self.width - 1, self.width - 1, 0]) / 2
        where = lambda point: np.round((point + corner) * voxel_mm, 5).tolist()
        defects = []
        for number, (body, label) in enumerate(zip(self.defects, self.labels)):
            whole = body.clip is None and body.centre[2] - body.half[2] > self.low and body.centre[2] + body.half[2] < self.high
            share, centroid = (1, body.centre) if whole else self.visible(body)
            volume = body.volume * share
            order = np.argsort(-body.semi)
            sphere = np.ptp(body.semi) == 0
            gap = self.part.depth(body.centre[None])[0] - body.semi[0] if sphere else self.part.depth(body.surface()).min()
            defects.append({
                'id': number, 'kind': label['kind'], 'material': body.material, 'shape': 'sphere' if sphere else 'ellipsoid',
                'centre_mm': where(body.centre), 'centroid_mm': where(centroid),
                'axes_mm': np.round(2 * body.semi[order] * voxel_mm, 5).tolist(),
                'directions': np.round(body.turn[:, order].T, 5).tolist(),
                'diameter_mm': round((6 * volume / np.pi) ** (1 / 3) * voxel_mm, 5),
                'feret_mm': round(2 * body.semi.max() * voxel_mm, 5) if whole else None,
                'volume_mm3': round(volume * voxel_mm ** 3, 6),
                'gap_mm': round(max(gap, 0) * voxel_mm, 5),
                'touching': label['touching'], 'location': label['location'],
            })
        spacing = [voxel_mm, voxel_mm, voxel_mm * self.step]
        features = [{'kind': kind, 'box_mm': self.box_of(shape, where)} for kind, shape in self.features]
        return {'kind': self.kind, 'seed': seed, 'spacing_mm': spacing, 'size': [self.width, self.width, self.slices], 'noise': noise,
                'features': features, 'defects': defects}

    def visible(self, body):
        """Share and centroid of what lies in material and between the first and the last slice."""
        points = body.inside()
        seen = (points[:, 2] > self.low) & (points[:, 2] < self.high)
        if body.clip:
            feature, keep_inside = body.clip
            seen &= (feature.depth(points) > 0) == keep_inside
        return seen.mean(), points[seen].mean(0)

    @staticmethod
    def box_of(shape, where):
        outline = shape.corners if isinstance(shape, Polygon) else shape.centre + shape.radius * np.array([[-1, -1], [1, 1]])
        return [where(np.append(outline.min(0), shape.low)), where(np.append(outline.max(0), shape.high))]


def turned(points, angle):
    cosine, sine = np.cos(angle), np.sin(angle)
    return np.asarray(points, float) @ np.array([[cosine, sine], [-sine, cosine]])


def log_uniform(random, low, high, count):
    """Largest first: the small ones fit between."""
    return np.sort(np.exp(random.uniform(np.log(low), np.log(high), count)))[::-1]


def rotation(random):
    """A uniformly random rotation (QR of a Gaussian matrix, Stewart 1980)."""
    q, r = np.linalg.qr(random.normal(size=(3, 3)))
    return q * np.sign(np.diag(r))
