import CFFmpeg

extension UnsafeMutablePointer<AVFrame> {
  // Safety: the arrays of an AVFrame have AV_NUM_DATA_POINTERS (8) members and live as long as it does.
  var planes: UnsafePointer<UnsafePointer<UInt8>?> {
    UnsafeRawPointer(destinationPlanes).assumingMemoryBound(to: UnsafePointer<UInt8>?.self)
  }
  var destinationPlanes: UnsafePointer<UnsafeMutablePointer<UInt8>?> {
    UnsafeRawPointer(self).advanced(by: MemoryLayout<AVFrame>.offset(of: \.data)!)
      .assumingMemoryBound(to: UnsafeMutablePointer<UInt8>?.self)
  }
  var lineSizes: UnsafePointer<Int32> {
    UnsafeRawPointer(self).advanced(by: MemoryLayout<AVFrame>.offset(of: \.linesize)!)
      .assumingMemoryBound(to: Int32.self)
  }
}
