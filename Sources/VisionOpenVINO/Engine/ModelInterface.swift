/// What a model takes and gives, as it says itself.
package struct ModelInterface: Sendable, Hashable {
  package struct Port: Sendable, Hashable {
    /// Empty where the model gives none.
    package var name: String
    /// Nil for a size that isn't fixed.
    package var shape: [Int?]

    package init(_ name: String, _ shape: [Int?]) {
      self.name = name
      self.shape = shape
    }

    package var text: String {
      let sizes = shape.map { $0.map { String($0) } ?? "?" }.joined(separator: ",")
      return name.isEmpty ? "[\(sizes)]" : "\(name) [\(sizes)]"
    }
  }

  package var inputs: [Port]
  package var outputs: [Port]

  package init(inputs: [Port], outputs: [Port]) {
    self.inputs = inputs
    self.outputs = outputs
  }

  /// For messages: `images [1,3,640,640] → output0 [1,84,8400]`.
  package var text: String {
    inputs.map(\.text).joined(separator: ", ") + " → " + outputs.map(\.text).joined(separator: ", ")
  }
}

/// How the picture lies in the model's input.
package enum PictureOrder: String, Sendable, Hashable {
  /// Channels first: three planes.
  case planar = "NCHW"
  /// Channels last: pixel by pixel.
  case packed = "NHWC"
}

/// The input that takes the picture, and the one that takes its size, if there is one.
package struct PictureInput: Sendable, Hashable {
  package var index: Int
  package var order: PictureOrder
  /// Of the picture; nil where the model leaves it open.
  package var width: Int?
  package var height: Int?
  /// Of the input for width and height in pixels, [1,2] (D-FINE as its authors export it).
  package var sizeIndex: Int?

  /// Nil where no input is a picture of three channels, or others are unknown.
  package init?(_ interface: ModelInterface) {
    var picture: (index: Int, order: PictureOrder, width: Int?, height: Int?)?
    for (index, port) in interface.inputs.enumerated() {
      let shape = port.shape
      if shape.count == 4, picture == nil {
        if shape[1] == 3 {
          picture = (index, .planar, shape[3], shape[2])
        } else if shape[3] == 3 {
          picture = (index, .packed, shape[2], shape[1])
        } else {
          return nil
        }
      } else if shape.count == 2, sizeIndex == nil, shape[1] == 2 || shape[1] == nil {
        sizeIndex = index
      } else {
        return nil
      }
    }
    guard let picture else { return nil }
    (index, order, width, height) = picture
  }

  package func shape(width: Int, height: Int) -> [Int] {
    order == .planar ? [1, 3, height, width] : [1, height, width, 3]
  }
}
