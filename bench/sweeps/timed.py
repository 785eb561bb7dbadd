#!/usr/bin/env python3
"""Runs a command and prints slices a second, seconds and the peak of its memory. usage: timed.py SLICES NAME COMMAND …"""
import os
import subprocess
import sys
import time

slices, name, command = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
started = time.monotonic()
process = subprocess.Popen(command)
_, status, usage = os.wait4(process.pid, 0)
seconds = time.monotonic() - started
if status:
    sys.exit(f'{name}: ended with {os.waitstatus_to_exitcode(status)}')
print(f'{name:32} {slices / seconds:6.0f} slices/s  {seconds:6.2f} s  {usage.ru_utime + usage.ru_stime:6.2f} s CPU  '
      f'{usage.ru_maxrss / 1024:6.0f} MB')
