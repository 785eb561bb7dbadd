#!/usr/bin/env python3
"""The usual script: OpenCV's MOG2 at 320x180 with shadow detection, morphology and contours, and SORT
(Bewley et al. 2016: Kalman filter, Hungarian assignment by IoU) on the boxes.

usage: mog2_sort.py CLIP [OUT]    writes {"frame":1,"time":0.0,"objects":[{"id":1,"box":[x,y,w,h]}]} a frame

Tuned by hand on the same scenes that Saccade is tuned on: `saccade-scenes list --split tune`.
"""
import json
import sys

import cv2
import numpy as np
from scipy.optimize import linear_sum_assignment

WIDTH, HEIGHT = 320, 180
MIN_AREA = 14          # pixels at 320x180: a person 24 px tall in 720p has about 20
HISTORY = 500
THRESHOLD = 25         # squared Mahalanobis distance
SHADOW = 0.6
MIN_HITS = 3
MAX_AGE = 15           # frames without a match
IOU = 0.15             # boxes of small things jump


def iou(a, b):
    w = np.minimum(a[:, None, 2], b[None, :, 2]) - np.maximum(a[:, None, 0], b[None, :, 0])
    h = np.minimum(a[:, None, 3], b[None, :, 3]) - np.maximum(a[:, None, 1], b[None, :, 1])
    shared = np.clip(w, 0, None) * np.clip(h, 0, None)
    area_a = (a[:, 2] - a[:, 0]) * (a[:, 3] - a[:, 1])
    area_b = (b[:, 2] - b[:, 0]) * (b[:, 3] - b[:, 1])
    return shared / (area_a[:, None] + area_b[None, :] - shared + 1e-9)


class Track:
    """Constant velocity in centre, scale and (constant) aspect, as in SORT."""

    count = 0
    F = np.eye(7)
    F[0, 4] = F[1, 5] = F[2, 6] = 1
    H = np.eye(4, 7)
    R = np.diag([1.0, 1.0, 10.0, 10.0])
    Q = np.diag([1, 1, 1, 1, 0.01, 0.01, 0.0001])

    def __init__(self, box):
        self.x = np.zeros(7)
        self.x[:4] = self.measure(box)
        self.P = np.diag([10.0, 10, 10, 10, 1e4, 1e4, 1e4])
        Track.count += 1
        self.id = Track.count
        self.hits, self.missed = 1, 0

    @staticmethod
    def measure(box):
        w, h = box[2] - box[0], box[3] - box[1]
        return np.array([box[0] + w / 2, box[1] + h / 2, w * h, w / h])

    def box(self):
        s, r = max(self.x[2], 1), max(self.x[3], 0.05)
        w = np.sqrt(s * r)
        h = s / w
        return np.array([self.x[0] - w / 2, self.x[1] - h / 2, self.x[0] + w / 2, self.x[1] + h / 2])

    def predict(self):
        if self.x[2] + self.x[6] <= 0:
            self.x[6] = 0
        self.x = self.F @ self.x
        self.P = self.F @ self.P @ self.F.T + self.Q

    def update(self, box):
        residual = self.measure(box) - self.H @ self.x
        S = self.H @ self.P @ self.H.T + self.R
        K = self.P @ self.H.T @ np.linalg.inv(S)
        self.x = self.x + K @ residual
        self.P = (np.eye(7) - K @ self.H) @ self.P
        self.hits += 1
        self.missed = 0


class Sort:
    def __init__(self):
        self.tracks = []

    def step(self, boxes):
        for track in self.tracks:
            track.predict()
        free = set(range(len(boxes)))
        if self.tracks and len(boxes):
            overlap = iou(np.array([t.box() for t in self.tracks]), boxes)
            for t, d in zip(*linear_sum_assignment(-overlap)):
                if overlap[t, d] >= IOU:
                    self.tracks[t].update(boxes[d])
                    free.discard(d)
                else:
                    self.tracks[t].missed += 1
            matched = {t for t, d in zip(*linear_sum_assignment(-overlap))}
            for t in set(range(len(self.tracks))) - matched:
                self.tracks[t].missed += 1
        else:
            for track in self.tracks:
                track.missed += 1
        self.tracks += [Track(boxes[d]) for d in free]
        self.tracks = [t for t in self.tracks if t.missed <= (MAX_AGE if t.hits >= MIN_HITS else 1)]
        return [t for t in self.tracks if t.hits >= MIN_HITS and t.missed <= 2]


def main():
    cv2.setNumThreads(1)
    clip = cv2.VideoCapture(sys.argv[1])
    if not clip.isOpened():
        sys.exit(f"{sys.argv[1]}: cannot be opened")
    out = open(sys.argv[2], "w") if len(sys.argv) > 2 else sys.stdout
    rate = clip.get(cv2.CAP_PROP_FPS) or 30
    model = cv2.createBackgroundSubtractorMOG2(HISTORY, THRESHOLD, True)
    model.setShadowThreshold(SHADOW)
    opening = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2, 2))
    closing = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 9))
    sort = Sort()
    number = 0
    while True:
        ok, frame = clip.read()
        if not ok:
            break
        number += 1
        small = cv2.resize(frame, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
        mask = model.apply(small)
        mask = cv2.threshold(mask, 200, 255, cv2.THRESH_BINARY)[1]
        mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, opening)
        mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, closing)
        boxes = []
        for contour in cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0]:
            x, y, w, h = cv2.boundingRect(contour)
            if cv2.contourArea(contour) >= MIN_AREA and w * h < 0.6 * WIDTH * HEIGHT:
                boxes.append([x, y, x + w, y + h])
        objects = []
        for track in sort.step(np.array(boxes, float).reshape(-1, 4)):
            x0, y0, x1, y1 = np.clip(track.box() / [WIDTH, HEIGHT, WIDTH, HEIGHT], 0, 1)
            if x1 > x0 and y1 > y0:
                objects.append({"id": track.id, "box": [round(v, 4) for v in (x0, y0, x1 - x0, y1 - y0)]})
        print(json.dumps({"frame": number, "time": round((number - 1) / rate, 5), "objects": objects},
                         separators=(",", ":")), file=out)


if __name__ == "__main__":
    main()
