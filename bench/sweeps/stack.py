#!/usr/bin/env python3
"""Writes a sweep as one TIFF of many pages, deflated. usage: stack.py SCAN.mhd OUT.tif"""
import sys

import tifffile

import volumes

tifffile.imwrite(sys.argv[2], volumes.open_volume(sys.argv[1])[0], compression='deflate', predictor=True, metadata=None)
