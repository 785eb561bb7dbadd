import Base

/// Turns the samples of slices into values, and looks at what comes out.
struct SliceConversion {
  private var hasWarned = false
  private var warning: SweepWarning?

  /// Fills `values` with the samples at `raw`, which are aligned to their size. Returns why the slice can't be used.
  mutating func fill(
    _ values: UnsafeMutableBufferPointer<Float>, width: Int, from raw: UnsafeRawPointer,
    _ sample: SampleFormat, _ source: String
  ) -> String? {
    sample.convert(raw, into: values)
    if let index = sample.firstNotFinite(in: values) {
      return "the value in \(Self.place(index, width)) is \(values[index]), which is no finite number"
    }
    if !hasWarned, let index = sample.firstRounded(in: values) {
      hasWarned = true
      warning = SweepWarning(
        code: "values_rounded",
        text:
          "\(source): values beyond \(Int(SampleFormat.largestExact)) are rounded to 24 bits, the first is "
          + "\(values[index]) in \(Self.place(index, width))")
    }
    return nil
  }

  /// What there is to say since the last call.
  mutating func takeWarning() -> SweepWarning? {
    defer { warning = nil }
    return warning
  }

  private static func place(_ index: Int, _ width: Int) -> String {
    "column \(index % width + 1), row \(index / width + 1)"
  }
}
