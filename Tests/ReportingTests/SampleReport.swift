import Foundation
import Scoring
import Vocabulary
import WorkUnits

/// A report on drawn predictions of the contest's classes, as unequal as they are there.
enum SampleReport {
  static let shares: [(name: String, share: Double)] = [
    ("bird", 0.0117), ("blank", 0.599), ("cattle", 0.0018), ("chimpanzee", 0.0247), ("elephant", 0.0053),
    ("forest buffalo", 0.00005), ("gorilla", 0.0009), ("hippopotamus", 0.0009), ("human", 0.0981),
    ("hyena", 0.00005), ("large ungulate", 0.0011), ("leopard", 0.001), ("lion", 0), ("other (non-primate)", 0.0092),
    ("other (primate)", 0.1), ("pangolin", 0.0003), ("porcupine", 0.0028), ("reptile", 0.0004), ("rodent", 0.0143),
    ("small antelope", 0.0013), ("small cat", 0.0004), ("wild dog", 0.0001), ("duiker", 0.1058), ("hog", 0.0228),
  ]

  static func make(clips: Int, names: [String] = shares.map(\.name), seed: UInt64 = 3) throws -> FullReport {
    var random = SplitMix64(seed: seed)
    let classes = shares.indices
    let truth = (0..<clips).map { _ -> [Bool] in
      var rest = Double(random.uniform())
      let own = classes.first { index in
        rest -= shares[index].share
        return rest < 0
      }
      return classes.map { $0 == own }
    }
    let priors = classes.map { index in max(Double(truth.count { $0[index] }) + 0.5, 0.5) / Double(clips + 1) }
    func answers(_ name: String, sharpness: Double) throws -> Answers {
      try Answers(
        name: name,
        rows: truth.map { row in
          classes.map { index in
            // Three uniform numbers: near enough to a normal one.
            let noise = Double(random.uniform() + random.uniform() + random.uniform()) * 2 - 3
            let evidence = sharpness * (noise + (row[index] ? sharpness : -sharpness) / 2)
            return 1 / (1 + exp(-log(priors[index] / (1 - priors[index])) - evidence))
          }
        }, classes: shares.count)
    }
    let assessment = FullAssessment(
      truth: truth, classes: names,
      priors: try Answers(name: "priors", rows: truth.map { _ in priors }, classes: shares.count), seed: seed)
    let earlier = try answers("earlier", sharpness: 4)
    let members = [("resnet152-dense", 3.4), ("inception-v4-dense", 3.6), ("nasnetalarge-dense", 3.9)]
    return try assessment.report(
      stack: answers("stack", sharpness: 4.4),
      members: try members.map { assessment.judge(try answers($0.0, sharpness: $0.1)) },
      previous: .init(
        name: "5d1c0f0a77e2b9a4", predictions: (0..<clips).map { $0 % 9 == 0 ? nil : earlier.row($0) }))
  }
}
