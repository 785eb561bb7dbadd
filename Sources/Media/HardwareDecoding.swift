import CFFmpeg

/// A device that decodes instead of the CPU.
struct HardwareDecoding {
  let kind: SourceConfiguration.Hardware
  let format: AVPixelFormat
  private let device: UnsafeMutablePointer<AVBufferRef>

  /// Opens the device asked for; nil when there is none, or it can't decode this.
  static func find(
    _ wanted: SourceConfiguration.Hardware, for codec: UnsafePointer<AVCodec>
  ) -> HardwareDecoding? {
    let tried: [SourceConfiguration.Hardware] =
      switch wanted {
      case .none: []
      case .auto: [.vaapi, .cuda]
      case .vaapi, .cuda: [wanted]
      }
    for kind in tried {
      let type = kind == .vaapi ? AV_HWDEVICE_TYPE_VAAPI : AV_HWDEVICE_TYPE_CUDA
      guard let format = format(of: codec, on: type) else { continue }
      var device: UnsafeMutablePointer<AVBufferRef>?
      if av_hwdevice_ctx_create(&device, type, nil, nil, 0) >= 0, let device {
        return HardwareDecoding(kind: kind, format: format, device: device)
      }
    }
    return nil
  }

  private static func format(of codec: UnsafePointer<AVCodec>, on type: AVHWDeviceType) -> AVPixelFormat? {
    var index: Int32 = 0
    while let config = avcodec_get_hw_config(codec, index) {
      let methods = config.pointee.methods
      if config.pointee.device_type == type, methods & Int32(AV_CODEC_HW_CONFIG_METHOD_HW_DEVICE_CTX) != 0 {
        return config.pointee.pix_fmt
      }
      index += 1
    }
    return nil
  }

  /// Hands the device over to the context, which frees it.
  func use(in context: UnsafeMutablePointer<AVCodecContext>) {
    context.pointee.hw_device_ctx = device
    context.pointee.opaque = UnsafeMutableRawPointer(bitPattern: Int(format.rawValue))
    // Called again without the hardware's format when its set-up fails: then the CPU decodes.
    context.pointee.get_format = { context, offered in
      // Safety: FFmpeg calls this with both.
      let wanted = AVPixelFormat(Int32(Int(bitPattern: context!.pointee.opaque)))
      return saccade_pick_format(offered!, wanted)
    }
  }
}
