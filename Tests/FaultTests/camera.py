#!/usr/bin/python3
"""A camera for tests and for the soak: GStreamer's RTSP server with a ball that bounces.

usage: camera.py PORT [--size 320x180] [--codec h264|h265|mjpeg] [--rate 30]

Prints `ready` once it takes connections at rtsp://127.0.0.1:PORT/cam, and serves until it is killed, or until its
standard input ends, as when whoever started it is gone. All viewers share one encoder, which runs only while there
are any.
"""
import argparse
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

ENCODERS = {
    "h264": "x264enc tune=zerolatency speed-preset=ultrafast threads=1 key-int-max=30 bitrate=400"
            " ! rtph264pay name=pay0 pt=96 config-interval=-1",
    "h265": "x265enc tune=zerolatency speed-preset=ultrafast key-int-max=30 bitrate=400 option-string=pools=1:log-level=none"
            " ! rtph265pay name=pay0 pt=96 config-interval=-1",
    "mjpeg": "jpegenc quality=60 ! rtpjpegpay name=pay0 pt=26",
}


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("port", type=int)
    arguments.add_argument("--size", default="320x180")
    arguments.add_argument("--codec", choices=ENCODERS, default="h264")
    arguments.add_argument("--rate", type=int, default=30)
    given = arguments.parse_args()
    width, height = given.size.split("x")
    Gst.init(None)
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_shared(True)
    factory.set_launch(
        "( videotestsrc is-live=true pattern=ball background-color=0xff808080 ! "
        f"video/x-raw,format=I420,width={width},height={height},framerate={given.rate}/1 ! {ENCODERS[given.codec]} )")
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(str(given.port))
    server.get_mount_points().add_factory("/cam", factory)
    if server.attach(None) == 0:
        sys.exit(f"port {given.port} can't be had")
    loop = GLib.MainLoop()
    GLib.io_add_watch(0, GLib.PRIORITY_DEFAULT, GLib.IOCondition.HUP, lambda *_: loop.quit())
    print("ready", flush=True)
    loop.run()


main()
