import Base
import Media
import Vision

extension DetectorLane: FovealEncoder {
  /// Looks at the places of a request: one as it is, several as tiles of one picture.
  package func look(
    at frame: consuming VideoFrame, _ request: FovealRequest,
    _ answer: @escaping @Sendable (Result<[Detection], Fault>) -> Void
  ) {
    let fixations = request.fixations
    look(at: frame, in: fixations == [.whole] ? [] : fixations.map(\.region)) { [labels] result in
      answer(
        result.map { seen in
          seen.parts.flatMap { part in
            part.detections.map {
              Detection(box: part.boxInFrame($0), label: labels($0.label), score: $0.score)
            }
          }
        })
    }
  }
}
