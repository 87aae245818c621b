internal import WorkUnits

/// The bytes of one member on their way into the pipeline. Those that lie in a block already are passed on where they are;
/// others are gathered first, because what filters give out is gone with the next call.
struct MemberInput {
  private let pipeline: MemberPipeline
  private let member: MemberFile
  private var block: MemberPipeline.Block?
  private var gathered = 0

  init(_ member: MemberFile, _ pipeline: MemberPipeline) {
    self.member = member
    self.pipeline = pipeline
  }

  /// - Parameter home: the block that the bytes lie in, lent to somebody else; nil when they are to be copied.
  mutating func append(_ bytes: UnsafeRawBufferPointer, in home: MemberPipeline.Block?) throws {
    if let home {
      try pass()
      return try pipeline.submit(bytes, in: home, of: member, isLast: false)
    }
    var rest = bytes[...]
    while !rest.isEmpty {
      try append(atMost: rest.count) { space in
        space.copyMemory(from: UnsafeRawBufferPointer(rebasing: rest.prefix(space.count)))
        rest = rest.dropFirst(space.count)
      }
    }
  }

  mutating func append(zeros count: Int) throws {
    var rest = count
    while rest > 0 {
      try append(atMost: rest) { space in
        space.initializeMemory(as: UInt8.self, repeating: 0)
        rest -= space.count
      }
    }
  }

  /// Nothing follows.
  mutating func finish() throws {
    try pass(isLast: true)
  }

  /// Gives back what is lent, when the member is given up.
  mutating func abandon() {
    pipeline.giveBack(block)
    block = nil
  }

  private mutating func append(atMost count: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Void) throws {
    if gathered == MemberPipeline.Block.bytes { try pass() }
    let block = try self.block ?? pipeline.lend()
    self.block = block
    let end = min(gathered + count, MemberPipeline.Block.bytes)
    fill(UnsafeMutableRawBufferPointer(rebasing: block.memory[gathered..<end]))
    gathered = end
  }

  private mutating func pass(isLast: Bool = false) throws {
    defer {
      pipeline.giveBack(block)
      (block, gathered) = (nil, 0)
    }
    if gathered == 0 && !isLast { return }
    let bytes = block.map { UnsafeRawBufferPointer(rebasing: $0.memory.prefix(gathered)) }
    try pipeline.submit(bytes ?? UnsafeRawBufferPointer(start: nil, count: 0), in: block, of: member, isLast: isLast)
  }
}
