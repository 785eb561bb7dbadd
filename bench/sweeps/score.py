#!/usr/bin/env python3
"""Compares reports of CT sweeps with their truth and prints how many defects were found, how many were not there, and how exactly
they were measured.

usage: score.py [--split tune|score|all] [--reports DIR] [--notes] [--all] DIR        sweeps: DIR/*/truth.json with DIR/*/report.json
       score.py [--notes] [--all] TRUTH REPORT [TRUTH REPORT ...]

"Voxel" is the in-plane one. A truth is found when the centroid of a reported defect lies within a third of its diameter (at least 1.5
voxels; a quarter of the extent for long ones) of its own; touching ones may share one. A report is false when it lies outside of every
truth grown by 1.5 voxels. Defects that the report lists as "reported": false were filtered: they count neither as found nor as false,
except with --all; their sizes and verdicts count.
"""
import argparse
import collections
import json
import pathlib

import numpy as np

GRACE = 1.5                                 # voxels
LIMIT_MM, BAND_MM = 2.0, (1.8, 2.2)         # the instruction that verdicts are about, and where "undecided" is right
POD_BINS = (2, 2.5, 3, 3.5, 4, 5, 6, 8, 14.01)
SIZE_BINS = (4, 5, 6, 8, 10, 14.01)


class Sweep:
    def __init__(self, truth_path, report_path, count_filtered):
        self.name = truth_path.parent.name
        self.truth = json.loads(truth_path.read_text())
        report = json.loads(report_path.read_text())
        self.kind, self.voxel = self.truth['kind'], self.truth['spacing_mm'][0]
        self.ratio = self.truth['spacing_mm'][2] / self.voxel
        if report.get('scan', {}).get('size', self.truth['size']) != self.truth['size']:
            raise SystemExit(f'{report_path}: the scan has size {report["scan"]["size"]}, the truth {self.truth["size"]}')
        self.truths, self.reports = self.truth['defects'], report['defects']
        self.counts = [count_filtered or r.get('reported', True) for r in self.reports]
        self.match()

    def match(self):
        """Nearest pairs first, one to one; then what touches may share its partner's report."""
        centres = np.array([t['centroid_mm'] for t in self.truths]).reshape(-1, 3)
        at = np.array([r['centroid_mm'] for r in self.reports], float).reshape(-1, 3)
        apart = np.linalg.norm(centres[:, None] - at, axis=2)
        reach = np.array([self.reach(t) for t in self.truths])
        self.of_truth, taken = {}, {}
        pairs = np.argwhere(apart <= reach[:, None]) if apart.size else []
        for i, j in sorted(pairs, key=lambda pair: apart[tuple(pair)]):
            if i not in self.of_truth and j not in taken:
                self.of_truth[i], taken[j] = j, i
        self.merged = set()
        for i, truth in enumerate(self.truths):
            for k in truth['touching']:
                both = [i, k]
                weights = [self.truths[m]['volume_mm3'] for m in both]
                middle = np.average(centres[both], axis=0, weights=weights)
                size = (6 * sum(weights) / np.pi) ** (1 / 3)
                near = [j for j in range(len(at)) if np.linalg.norm(at[j] - middle) <= max(GRACE * self.voxel, size / 3)
                        and taken.get(j, i) in both]
                if near and (i not in self.of_truth or k not in self.of_truth):
                    taken[near[0]] = i
                    self.of_truth[i] = self.of_truth[k] = near[0]
                    self.merged |= {i, k}
        self.false, self.extra, self.in_features = [], 0, 0
        for j, report in enumerate(self.reports):
            if j in taken or not self.counts[j]:
                continue
            if any(self.inside(t, at[j]) for t in self.truths):
                self.extra += 1
            elif report['location'] in ('surface_breaking', 'truncated') and any(self.in_feature(f, at[j]) for f in self.truth['features']):
                self.in_features += 1
            else:
                self.false.append(j)

    def reach(self, truth):
        longest, shortest = max(truth['axes_mm']), min(truth['axes_mm'])
        size = longest / 4 if longest > 1.5 * shortest else truth['diameter_mm'] / 3
        return max(GRACE * self.voxel, size)

    def inside(self, truth, point):
        """In the ellipsoid grown by the grace; across z by half a slice where slices are thick."""
        local = np.array(truth['directions']) @ (point - np.array(truth['centre_mm']))
        grace = max(GRACE, self.ratio / 2) * self.voxel
        return ((local / (np.array(truth['axes_mm']) / 2 + grace)) ** 2).sum() <= 1

    def in_feature(self, feature, point):
        low, high = np.array(feature['box_mm'])
        return ((point > low - GRACE * self.voxel) & (point < high + GRACE * self.voxel)).all()

    def found(self, i):
        return i in self.of_truth and self.counts[self.of_truth[i]]

    def single(self, i):
        """The report of a truth that can be measured: whole, within the part, touching nothing; None when there is none."""
        truth = self.truths[i]
        if truth['location'] != 'internal' or truth['touching'] or i not in self.of_truth:
            return None
        return self.reports[self.of_truth[i]]

    def voxels(self, truth):
        return truth['diameter_mm'] / self.voxel


def wilson(hits, count):
    """95 % bounds of a share (Wilson 1927)."""
    if count == 0:
        return 0.0, 1.0
    z, p = 1.96, hits / count
    middle, half = p + z * z / 2 / count, z * np.sqrt(p * (1 - p) / count + (z / 2 / count) ** 2)
    return max(0.0, (middle - half) / (1 + z * z / count)), min(1.0, (middle + half) / (1 + z * z / count))


def share(hits, count):
    low, high = wilson(hits, count)
    return f'{hits:4d}/{count:<4d} {hits / count:6.3f}  {low:.3f}–{high:.3f}' if count else f'{hits:4d}/{count:<4d}      –            –'


def spread(values):
    return f'{np.mean(values):+7.3f} {np.std(values):7.3f} {np.max(np.abs(values)):7.3f}' if len(values) else '      –       –       –'


def print_found(sweeps):
    print('\nfound: internal and near-surface ones of d ≥ 4 voxels; cracks of any size (wanted: ≥ 0.99; false ≤ 1 a sweep, none in an empty part)')
    print(f'{"kind":12} {"what":10} sweeps  found       share  95 %          false a sweep: mean  most   extra  in features')
    for kind, group in by(sweeps, lambda s: s.kind):
        false = [len(s.false) for s in group]
        whats = sorted({t['kind'] for s in group for t in s.truths}) or ['–']
        for what in whats:
            rows = [(s, i) for s in group for i, t in enumerate(s.truths) if t['kind'] == what
                    and t['location'] in ('internal', 'near_surface') and (what == 'crack' or s.voxels(t) >= 4)]
            tail = f'{np.mean(false):20.2f} {max(false):5d} {sum(s.extra for s in group):7d} {sum(s.in_features for s in group):12d}'
            print(f'{kind:12} {what:10} {len(group):6d}  {share(sum(s.found(i) for s, i in rows), len(rows)):28}{tail if what == whats[0] else ""}')
    print('\nby location, all pores of d ≥ 4 voxels')
    for location in ('internal', 'touching', 'near_surface', 'surface_breaking', 'truncated'):
        rows = [(s, i) for s in sweeps for i, t in enumerate(s.truths) if t['kind'] == 'pore' and s.voxels(t) >= 4
                and ('touching' if t['touching'] else t['location']) == location]
        print(f'  {location:17} {share(sum(s.found(i) for s, i in rows), len(rows))}')


def print_pod(sweeps):
    print('\nprobability of detection by diameter: internal pores, not touching')
    print('  voxels     ' + ''.join(f'  {title:30}' for title in ('noise ≤ 0.05', 'noise > 0.05', 'z spacing > in-plane')))
    groups = (lambda s: s.ratio == 1 and s.truth['noise'] <= 0.05, lambda s: s.ratio == 1 and s.truth['noise'] > 0.05, lambda s: s.ratio > 1)
    for low, high in zip(POD_BINS, POD_BINS[1:]):
        cells = []
        for chosen in groups:
            rows = [(s, i) for s in sweeps if chosen(s) for i, t in enumerate(s.truths) if t['kind'] == 'pore'
                    and t['location'] == 'internal' and not t['touching'] and low <= s.voxels(t) < high]
            cells.append(f'{share(sum(s.found(i) for s, i in rows), len(rows)):32}')
        print(f'  {low:4g}–{high:<6.3g}' + ''.join(cells))


def sized(sweeps, what):
    """(sweep, truth, report) of single internal ones of d ≥ 4 voxels that have a diameter."""
    return [(s, t, r) for s in sweeps for i, t in enumerate(s.truths) for r in [s.single(i)]
            if t['kind'] == what and r is not None and r.get('diameter_mm') is not None and s.voxels(t) >= 4]


def print_sizes(sweeps):
    print('\nequivalent diameter, error in voxels: single internal ones of d ≥ 4 (wanted: |bias| ≤ 0.15, sd ≤ 0.15), and the share of '
          'truths within ± diameter_u_mm (stated: 0.95)')
    print(f'  {"":34}  count     bias      sd   worst   covered')
    def line(title, rows):
        errors = [(r['diameter_mm'] - t['diameter_mm']) / s.voxel for s, t, r in rows]
        stated = [(abs(r['diameter_mm'] - t['diameter_mm']), r['diameter_u_mm']) for _, t, r in rows if r.get('diameter_u_mm') is not None]
        covered = f'{np.mean([error <= u for error, u in stated]):8.3f}' if stated else '       –'
        print(f'  {title:34} {len(rows):6d}  {spread(errors)}  {covered}')
    pores = sized(sweeps, 'pore')
    for ratio, group in by(pores, lambda row: row[0].ratio):
        mild = [row for row in group if max(row[1]['axes_mm']) <= 1.6 * min(row[1]['axes_mm'])]
        line(f'pores, z spacing ×{ratio:g}, all', mild)
        for low, high in zip(SIZE_BINS, SIZE_BINS[1:]):
            line(f'    {low:g}–{high:.3g} voxels', [row for row in mild if low <= row[0].voxels(row[1]) < high])
        for noise, some in by(mild, lambda row: row[0].truth['noise']):
            line(f'    noise {noise}', some)
        for name, some in by(mild, lambda row: row[0].kind):
            line(f'    in {name}', some)
        line('    elongated ones', [row for row in group if row not in mild])
    for material, group in by(sized(sweeps, 'inclusion'), lambda row: row[1]['material']):
        line(f'inclusions of {material}', group)


def print_verdicts(sweeps):
    print(f'\nverdicts at {LIMIT_MM} mm: single internal pores (none wrong outside {BAND_MM[0]}–{BAND_MM[1]} mm; inside: undecided or right)')
    print(f'  {"true mm":22}  right  undecided  WRONG  none  not found')
    edges = (0, BAND_MM[0], LIMIT_MM, BAND_MM[1], 99)
    for ratio, group in by(sweeps, lambda s: s.ratio):
        for low, high in zip(edges, edges[1:]):
            tally = collections.Counter()
            for s in group:
                for i, t in enumerate(s.truths):
                    if t['kind'] == 'pore' and t['location'] == 'internal' and not t['touching'] and low <= t['diameter_mm'] < high:
                        report = s.single(i)
                        given = 'not found' if report is None else report.get('verdict')
                        tally['wrong' if wrong_verdict(t, given) else 'right' if given in ('above', 'below') else given] += 1
            title = f'×{ratio:g}  {low:g}–{high:g}'
            print(f'  {title:22} {tally["right"]:6d} {tally["undecided"]:10d} {tally["wrong"]:6d} {tally[None]:5d} {tally["not found"]:10d}')


def wrong_verdict(truth, given):
    return given == ('below' if truth['diameter_mm'] >= LIMIT_MM else 'above')


def print_others(sweeps):
    print('\nother measures: single internal ones of d ≥ 4 voxels')
    print(f'  {"":34}  count     mean      sd   worst')
    rows = sized(sweeps, 'pore')
    for title, key, error in (
            ('gap to the surface, voxels', 'gap_mm', lambda s, t, r: (r['gap_mm'] - t['gap_mm']) / s.voxel),
            ('Feret diameter, voxels', 'feret_mm', lambda s, t, r: (r['feret_mm'] - t['feret_mm']) / s.voxel),
            ('volume, share', 'volume_mm3', lambda s, t, r: r['volume_mm3'] / t['volume_mm3'] - 1)):
        for ratio, group in by([row for row in rows if row[2].get(key) is not None], lambda row: row[0].ratio):
            print(f'  {f"{title}, z ×{ratio:g}":34} {len(group):6d}  {spread([error(*row) for row in group])}')
    cracks = [(s, t, s.reports[s.of_truth[i]]) for s in sweeps for i, t in enumerate(s.truths) if t['kind'] == 'crack' and i in s.of_truth]
    errors = [r['feret_mm'] / t['feret_mm'] - 1 for _, t, r in cracks if r.get('feret_mm') is not None]
    print(f'  {"Feret diameter of cracks, share":34} {len(errors):6d}  {spread(errors)}')
    near = [(s, t, s.reports[s.of_truth[i]]) for s in sweeps for i, t in enumerate(s.truths) if t['location'] == 'near_surface' and s.found(i)]
    for title, key in (('gap of near-surface ones, voxels', 'gap_mm'), ('diameter of near-surface, voxels', 'diameter_mm')):
        errors = [(r[key] - t[key]) / s.voxel for s, t, r in near if r.get(key) is not None]
        print(f'  {title:34} {len(errors):6d}  {spread(errors)}')
    for what in ('kind', 'location'):
        print(f'\n{what}: told for what is true (found ones)')
        tally = collections.Counter((t[what], str(s.reports[s.of_truth[i]].get(what)))
                                    for s in sweeps for i, t in enumerate(s.truths) if s.found(i))
        for true in sorted({key[0] for key in tally}):
            print(f'  {true:17} ' + ', '.join(f'{told} {n}' for (real, told), n in sorted(tally.items()) if real == true))


def print_notes(sweeps):
    print('\nnotes (voxel positions)')
    for s in sweeps:
        spacing = np.array(s.truth['spacing_mm'])
        at = lambda point: '(' + ', '.join(f'{v:.1f}' for v in np.array(point) / spacing) + ')'
        for i, t in enumerate(s.truths):
            what = f'{t["kind"]} {t["id"]} {t["location"]}{" touching" if t["touching"] else ""} d {s.voxels(t):.2f} at {at(t["centroid_mm"])}'
            if not s.found(i) and (t['kind'] == 'crack' or s.voxels(t) >= 4):
                print(f'  {s.name}: missed {what}, axes {np.round(np.array(t["axes_mm"]) / s.voxel, 1).tolist()}'
                      + (', filtered' if i in s.of_truth else ''))
            report = s.single(i)
            if report is not None and t['kind'] == 'pore':
                size = 'no diameter' if report.get('diameter_mm') is None else f'{report["diameter_mm"] / s.voxel:.2f} voxels'
                if wrong_verdict(t, report.get('verdict')):
                    print(f'  {s.name}: {report["verdict"]} is wrong of {what}, measured {size}')
                elif s.voxels(t) >= 4 and report.get('diameter_mm') is not None and abs(report['diameter_mm'] / s.voxel - s.voxels(t)) > 0.5:
                    print(f'  {s.name}: size {size} of {what}, gap {t["gap_mm"] / s.voxel:.1f}')
        for j in s.false:
            r = s.reports[j]
            print(f'  {s.name}: false {r["kind"]} {r["id"]} {r["location"]} d {(r.get("diameter_mm") or 0) / s.voxel:.2f} at '
                  f'{at(r["centroid_mm"])}, contrast {r.get("contrast")}, probability {r.get("probability")}')


def by(items, key):
    groups = collections.defaultdict(list)
    for item in items:
        groups[key(item)].append(item)
    return list(groups.items())


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n\n')[0], epilog=__doc__.split('\n\n', 1)[1],
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('paths', nargs='+', type=pathlib.Path)
    parser.add_argument('--split', choices=('tune', 'score', 'all'), default='tune', help='of a directory: seeds below 100, or the others')
    parser.add_argument('--reports', type=pathlib.Path, help='where the reports lie: REPORTS/NAME/report.json or REPORTS/NAME.json')
    parser.add_argument('--notes', action='store_true', help='list what was missed, false or wrong')
    parser.add_argument('--all', action='store_true', help='count what was filtered, too')
    options = parser.parse_args()
    if options.paths[0].is_dir():
        pairs = []
        for truth in sorted(options.paths[0].glob('*/truth.json')):
            if options.split != 'all' and (json.loads(truth.read_text())['seed'] < 100) != (options.split == 'tune'):
                continue
            where = options.reports or options.paths[0]
            report = where / truth.parent.name / 'report.json'
            pairs.append((truth, report if report.exists() else where / f'{truth.parent.name}.json'))
    elif len(options.paths) % 2 == 0:
        pairs = list(zip(options.paths[::2], options.paths[1::2]))
    else:
        parser.error('TRUTH and REPORT come in pairs')
    without = [truth.parent.name for truth, report in pairs if not report.exists()]
    sweeps = [Sweep(truth, report, options.all) for truth, report in pairs if report.exists()]
    if not sweeps:
        raise SystemExit('no report beside a truth')
    print(f'{len(sweeps)} sweeps' + (f'; WITHOUT A REPORT: {" ".join(without)}' if without else ''))
    print_found(sweeps)
    print_pod(sweeps)
    print_sizes(sweeps)
    print_verdicts(sweeps)
    print_others(sweeps)
    if options.notes:
        print_notes(sweeps)


if __name__ == '__main__':
    main()
